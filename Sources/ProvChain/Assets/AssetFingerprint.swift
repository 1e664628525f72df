/// Everything that can be known about one file of a 3D asset without comparing it with others: its components and
/// its triangles. A pure function of the bytes, of the files that it refers to, and of the budget.
///
/// Nothing here can fail: a file that is no 3D asset, or a broken one, has no components, and ``structure`` says
/// why. Its bytes can be registered all the same.
public struct AssetFingerprint: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable, CaseIterable {
        /// GLB, `.gltf`, VRM.
        case gltf
        case obj
        case stl
    }

    /// How far the components can be relied on.
    public enum Structure: Hashable, Sendable {
        /// All of the file was read; the components are all there are.
        case verified
        /// A complete reader may see more, or something else; there are no components.
        case notVerified([GLTFAsset.Unverified])
        /// The format is not read here.
        case unknownFormat
        /// The file does not hold what its name says.
        case invalid([AssetIssue])
        /// Reading would take more bytes than allowed.
        case overBudget(needed: Int, remaining: Int)
    }

    /// A mesh in the scene that the file shows first.
    public struct Instance: Hashable, Sendable {
        /// Its number in ``AssetFingerprint/meshes``.
        public let mesh: Int
        public let matrix: WorldMatrix
    }

    /// `nil` if it is none of those read here.
    public let format: Format?
    public let structure: Structure
    /// As in a manifest: by type and hash; equal ones by their place in the file.
    public let components: [AssetComponent]
    /// The triangles in their own space; `GEO` components name theirs by number. Some may not be in use.
    public let meshes: [Mesh]
    public let instances: [Instance]
    /// What else was found; warnings, and errors that leave no doubt what the file holds.
    public let issues: [AssetIssue]

    /// - Parameters:
    ///   - name: of the file; its ending tells OBJ and STL, which nothing else does.
    ///   - resolve: brings the files that a `.gltf` names.
    ///   - budget: shared by all files of an asset.
    public static func read(
        bytes: [UInt8], name: String, resolve: GLTFAsset.Resolver = { _, _ in nil }, budget: inout AssetBudget
    ) -> AssetFingerprint {
        let format = Format(name: name, bytes: bytes)
        do throws(AssetError) {
            switch format {
            case .gltf: return try gltf(bytes, resolve, &budget)
            case .obj:
                let asset = try OBJAsset.read(bytes: bytes, budget: &budget)
                return try plain(.obj, asset.meshes, "part", &budget)
            case .stl:
                let asset = try STLAsset.read(bytes: bytes, budget: &budget)
                return try plain(.stl, asset.meshes, "solid", &budget)
            case nil: return unknownFormat
            }
        } catch {
            switch error {
            case .invalid(let issues):
                return AssetFingerprint(format: format, structure: .invalid(issues), issues: issues)
            case .overBudget(let needed, let remaining, _):
                return AssetFingerprint(
                    format: format, structure: .overBudget(needed: needed, remaining: remaining))
            }
        }
    }

    private init(
        format: Format?, structure: Structure, components: [AssetComponent] = [], meshes: [Mesh] = [],
        instances: [Instance] = [], issues: [AssetIssue] = []
    ) {
        self.format = format
        self.structure = structure
        self.components = components.enumerated()
            .sorted { $0.element.leaf == $1.element.leaf ? $0.offset < $1.offset : $0.element.leaf < $1.element.leaf }
            .map(\.element)
        self.meshes = meshes
        self.instances = instances
        self.issues = issues
    }

    private static func gltf(
        _ bytes: [UInt8], _ resolve: GLTFAsset.Resolver, _ budget: inout AssetBudget
    ) throws(AssetError) -> AssetFingerprint {
        let (asset, content) = try GLTFAsset.readWithContent(
            bytes: bytes, resolve: resolve, budget: &budget, wantsComponents: true)
        let structure: Structure =
            switch asset.structure {
            case .verified: .verified
            case .notVerified(let reasons): .notVerified(reasons)
            }
        return AssetFingerprint(
            format: .gltf, structure: structure, components: content.components, meshes: asset.meshes,
            instances: content.instances.map { Instance(mesh: $0.mesh, matrix: $0.matrix) }, issues: asset.issues)
    }

    /// Formats without nodes and materials of their own.
    private static func plain(
        _ format: Format, _ meshes: [Mesh], _ part: String, _ budget: inout AssetBudget
    ) throws(AssetError) -> AssetFingerprint {
        var components: [AssetComponent] = []
        for (number, mesh) in meshes.enumerated() where !mesh.triangles.isEmpty {
            components += try mesh.components(number, place: "\(part) \(number)", budget: &budget)
        }
        let fits = components.count <= Limits.manifestLeaves
        return AssetFingerprint(
            format: format, structure: fits ? .verified : .notVerified([.tooManyComponents(components.count)]),
            components: fits ? components : [], meshes: meshes,
            instances: meshes.indices.map { Instance(mesh: $0, matrix: .unit) })
    }

    /// The triangles of the scene that the file shows first, nine numbers each; f32, in the order of the file.
    ///
    /// - Throws: `AssetError.overBudget`, `.invalid` if a coordinate is beyond every f32.
    public func worldTriangles(budget: inout AssetBudget) throws(AssetError) -> [Float] {
        var numbers: [Float] = []
        for instance in instances {
            let mesh = meshes[instance.mesh]
            try budget.pay(mesh.triangles.count, of: 36, at: "world triangles")
            for triangle in mesh.triangles {
                for corner in [triangle.a, triangle.b, triangle.c] {
                    let position = instance.matrix.transform(mesh.positions[Int(corner)])
                    guard position.isFinite else {
                        throw .invalid([AssetIssue(.provNotFinite, "mesh \(instance.mesh) in the scene")])
                    }
                    numbers += [position.x, position.y, position.z]
                }
            }
        }
        return numbers
    }
}

extension AssetFingerprint {
    /// Of a file of a format that is not read here.
    public static let unknownFormat = AssetFingerprint(format: nil, structure: .unknownFormat)

    /// Of a file that is not read because it is larger than what is allowed, in bytes.
    public static func tooLarge(needed: Int, limit: Int) -> AssetFingerprint {
        AssetFingerprint(format: nil, structure: .overBudget(needed: needed, remaining: limit))
    }
}

extension AssetFingerprint.Format {
    /// By the ending of the name; a GLB under another name by its first bytes.
    public init?(name: String, bytes: [UInt8]) {
        let ending = name.split(separator: ".").last.map { $0.lowercased() } ?? ""
        switch ending {
        case "glb", "gltf", "vrm": self = .gltf
        case "obj": self = .obj
        case "stl": self = .stl
        default:
            guard bytes.starts(with: Array("glTF".utf8)) else { return nil }
            self = .gltf
        }
    }
}

extension Mesh {
    /// `GEO`, `PRIM` and `NORM` of a mesh without material, as OBJ and STL have them.
    fileprivate func components(
        _ number: Int, place: String, budget: inout AssetBudget
    ) throws(AssetError) -> [AssetComponent] {
        guard let geometry = try GeometryHash.leaf(of: self, budget: &budget, at: place) else { return [] }
        var result = [AssetComponent(.geometry, geometry, place: place, name: material, mesh: number)]
        let (vertices, positions) = try corners(&budget, place)
        let sorted = attributes.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        func columns(_ isNormal: Bool) -> [CornerTable.Column] {
            [positions]
                + sorted.filter { ($0.name == "NORMAL") == isNormal }.map {
                    CornerTable.Column(
                        name: $0.name, width: $0.width, source: .numbers($0.values), indices: $0.indices)
                }
        }
        let corners = try CanonicalElements(
            .triangle, vertices: vertices, columns: columns(false), budget: &budget, at: place)
        if let leaf = PrimitiveLeaf.leaf(corners, columns: columns(false), material: nil) {
            result.append(AssetComponent(.primitive, leaf, place: place, name: material))
        }
        guard attributes.contains(where: { $0.name == "NORMAL" }) else { return result }
        let normals = try CanonicalElements(
            .triangle, vertices: vertices, columns: columns(true), budget: &budget, at: place)
        if let leaf = NormalsLeaf.leaf(normals, columns: columns(true)) {
            result.append(AssetComponent(.normals, leaf, place: place, name: material))
        }
        return result
    }
}
