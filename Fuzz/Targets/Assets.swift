@testable import ProvChain

extension FuzzTarget {
    static let manifest = FuzzTarget("manifest", "manifests, their parts, presence and absence", atMost: 4_096) {
        bytes in
        Strictly.check(Manifest.File.self, bytes)
        Strictly.check(Manifest.Leaf.self, bytes)
        Strictly.check(Manifest.Print.self, bytes)
        Strictly.check(Manifest.Code.self, bytes)
        Strictly.check(ManifestPresence.self, bytes)
        if let absence = Strictly.check(ManifestAbsence.self, bytes) {
            _ = try? absence.verify(root: digest(of: bytes))
        }
        checkPath(string(of: bytes), Manifest.File.isRelative(string(of: bytes)))
        guard let manifest = Strictly.check(Manifest.self, bytes) else { return }
        for file in manifest.files { checkPath(file.path, true) }
        require(manifest.leaves.count == manifest.files.count + manifest.components.count, "leaves are missing")
        let shuffled = Manifest(files: manifest.files.reversed(), components: manifest.components.reversed())
        require(shuffled.root == manifest.root, "the order of files or components changes the root")
        _ = manifest.totalSize
        checkProofs(manifest)
    }

    /// Each leaf is shown present, and none absent; another one is shown absent.
    private static func checkProofs(_ manifest: Manifest) {
        guard manifest.leaves.count <= 32 else { return }
        for leaf in manifest.leaves {
            let presence = manifest.presence(of: leaf)
            require(presence.map { (try? $0.verify(root: manifest.root)) != nil } ?? false, "a leaf is not shown")
            require(manifest.absence(of: leaf) == nil, "a leaf is shown absent")
        }
    }

    /// Against the definition by bytes, as a file system reads them: none of the parts between slashes is empty,
    /// `.` or `..`.
    private static func checkPath(_ path: String, _ isRelative: Bool) {
        guard isRelative else { return }
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        let climbs = parts.contains { $0.isEmpty || $0 == [0x2e] || $0 == [0x2e, 0x2e] }
        require(!climbs && !path.utf8.contains(0), "\"\(path)\" counts as a path inside its folder")
    }

    static let json = FuzzTarget("json", "strict JSON, glTF's references", atMost: 4_096) { bytes in
        var budget = AssetBudget(bytes: 1 << 20)
        let before = budget.remaining
        if let value = try? StrictJSON.read(bytes[...], budget: &budget) {
            require(budget.remaining < before, "a value costs nothing")
            checkNumbers(value)
            // White space around a document means nothing.
            var second = AssetBudget(bytes: 1 << 20)
            let spaced = [0x20, 0x0a] + bytes + [0x09, 0x0d]
            require((try? StrictJSON.read(spaced[...], budget: &second)) == value, "white space changes a document")
            var third = AssetBudget(bytes: 1 << 20)
            let nested = [0x5b] + bytes + [0x5d]
            if let array = try? StrictJSON.read(nested[...], budget: &third) {
                require(array == .array([value]), "a document reads differently inside an array")
            }
        }
        if let whole = String(validating: bytes, as: UTF8.self),
            let reference = try? GLTFReference(JSONText(utf8: Array(whole.utf8)))
        {
            if case .file(let path) = reference { checkPath(path, true) }
        }
    }

    private static func checkNumbers(_ value: StrictJSON) {
        switch value {
        case .integer(let number): require(Double(number) == value.number, "two readings of \(number)")
        case .double(let number): require(!number.isNaN, "a number that is none")
        case .array(let items): items.forEach(checkNumbers)
        case .object(let members): members.values.forEach(checkNumbers)
        case .null, .bool, .string: break
        }
        if let integer = value.integer { require(Double(integer) == value.number, "\(integer) was rounded") }
    }

    static let gltf = FuzzTarget("gltf", "GLB and glTF with its JSON, buffers and images, prints", atMost: 16_384) {
        bytes in
        let meshes = readTwice { budget in
            guard let asset = try? GLTFAsset.read(bytes: bytes, resolve: beside(bytes), budget: &budget) else {
                return nil
            }
            if case .notVerified = asset.structure { require(asset.meshes.isEmpty, "meshes nobody vouches for") }
            return asset.meshes
        }
        meshes.forEach(checkMesh)
        checkFingerprint(bytes, "a.gltf", beside(bytes))
    }

    /// What is shown and registered of an asset, twice, and its prints.
    private static func checkFingerprint(
        _ bytes: [UInt8], _ name: String, _ resolve: GLTFAsset.Resolver = { _, _ in nil }
    ) {
        let limit = 8 << 20
        var first = AssetBudget(bytes: limit)
        var second = AssetBudget(bytes: limit)
        let asset = AssetFingerprint.read(bytes: bytes, name: name, resolve: resolve, budget: &first)
        let again = AssetFingerprint.read(bytes: bytes, name: name, resolve: resolve, budget: &second)
        require(asset == again && first == second, "two fingerprints of the same bytes differ")
        require(asset.structure == .verified || asset.components.isEmpty, "components nobody vouches for")
        require(asset.instances.allSatisfy { asset.meshes.indices.contains($0.mesh) }, "an instance of no mesh")
        _ = try? asset.worldTriangles(budget: &second)
        guard !asset.meshes.isEmpty, asset.meshes.count <= 4 else { return }
        let sources = [PrintSource(asset.meshes)]
        let prints = try? AssetPrints.measure(sources, budget: &first, componentSamples: 1 << 13)
        require((prints?.components.count ?? 0) <= asset.meshes.reduce(0) { $0 + $1.triangles.count }, "many prints")
    }

    /// A file of half the input beside the asset, whatever it is called.
    private static func beside(_ bytes: [UInt8]) -> GLTFAsset.Resolver {
        { path, limit in
            checkPath(path, true)
            let half = Array(bytes.suffix(bytes.count / 2))
            return half.count <= limit ? half : nil
        }
    }

    static let mesh = FuzzTarget("mesh", "OBJ, STL, headers of PNG and JPEG, prints", atMost: 8_192) { bytes in
        for name in ["a.obj", "a.stl"] { checkFingerprint(bytes, name) }
        readTwice { budget in (try? OBJAsset.read(bytes: bytes, budget: &budget))?.meshes }.forEach(checkMesh)
        readTwice { budget in (try? STLAsset.read(bytes: bytes, budget: &budget))?.meshes }.forEach(checkMesh)
        if let header = try? ImageHeader(bytes[...]) {
            require(header.width > 0 && header.height > 0, "an image without pixels")
            let moved = ([0] + bytes)[1...]
            require((try? ImageHeader(moved)) == header, "an image header depends on where its bytes stand")
        }
    }

    /// Twice, with the same result and at the same cost, which is within the budget; the meshes, or none.
    private static func readTwice(_ reader: (inout AssetBudget) -> [Mesh]?) -> [Mesh] {
        let limit = 8 << 20
        var first = AssetBudget(bytes: limit)
        var second = AssetBudget(bytes: limit)
        let meshes = reader(&first)
        require(meshes == reader(&second), "two readings of the same bytes differ")
        require(first == second && (0...limit).contains(first.remaining), "two readings cost differently")
        return meshes ?? []
    }

    private static func checkMesh(_ mesh: Mesh) {
        let count = UInt32(clamping: mesh.positions.count)
        for triangle in mesh.triangles {
            require(triangle.a < count && triangle.b < count && triangle.c < count, "an index of no position")
        }
        for attribute in mesh.attributes {
            let values = attribute.values.count / attribute.width
            let corners = attribute.indices.map { $0.map { Int($0) }.max() ?? -1 } ?? mesh.positions.count - 1
            require(mesh.triangles.isEmpty || corners < values, "\(attribute.name) has \(values) values")
        }
        var budget = AssetBudget(bytes: 8 << 20)
        guard let leaf = try? GeometryHash.leaf(of: mesh, budget: &budget) else { return }
        // The shape stays the same if the triangles come in another order and start at another corner.
        let turned = mesh.triangles.reversed().map { Mesh.Triangle($0.b, $0.c, $0.a) }
        let other = Mesh(positions: mesh.positions, triangles: turned)
        var rest = AssetBudget(bytes: 8 << 20)
        require((try? GeometryHash.leaf(of: other, budget: &rest)) == leaf, "the order of triangles is in the hash")
    }
}
