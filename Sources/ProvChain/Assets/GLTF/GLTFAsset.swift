/// A glTF 2.0 asset from an untrusted source, as a GLB or as a `.gltf` with its files: its triangles and images,
/// and all that was found about it on the way.
///
/// Reading is a pure function of the bytes, of what `resolve` hands out and of the budget. A file is refused when
/// an issue leaves its content undefined (`IssueCode.blocksDecoding`); other issues come with the asset.
public struct GLTFAsset: Hashable, Sendable {
    /// Brings a file beside the asset: a relative path of plain parts without `..`, and the most bytes wanted.
    /// `nil` if it does not exist or is longer.
    public typealias Resolver = (_ path: String, _ maximumBytes: Int) -> [UInt8]?

    /// Whether everything that makes up the geometry was understood.
    public enum Structure: Hashable, Sendable {
        case verified
        /// No meshes are given: they might not be what a complete reader sees.
        case notVerified([Unverified])
    }

    public enum Unverified: Hashable, Sendable {
        /// The file requires an extension that this reader does not know.
        case requiredExtension(String)
        /// The geometry is compressed with an extension that this reader does not decode.
        case compressedGeometry(String)
        /// Positions or indices lie in a buffer whose bytes the file does not say where to find.
        case absentBytes
        /// A primitive that is neither points, lines nor triangles.
        case unknownMode(Int)
        /// More components than a manifest lists.
        case tooManyComponents(Int)
    }

    /// An image as it is stored.
    public struct Image: Hashable, Sendable {
        /// The `IMG` leaf: the domain-separated hash of the encoded bytes.
        public let leaf: Digest
        public let byteCount: Int
        /// By its header; `nil` for a format that is not PNG or JPEG.
        public let header: ImageHeader?
        /// Its number in the file.
        public let number: Int
    }

    /// One for each primitive with triangles, in the order of the file, in local space. Primitives of points and
    /// lines have none.
    public let meshes: [Mesh]
    public let images: [Image]
    public let structure: Structure
    /// In the order in which they were found; none of them blocks.
    public let issues: [AssetIssue]

    /// Whether the Khronos validator would find no error, as far as its checks are implemented.
    public var isValid: Bool { !issues.contains { $0.severity == .error } }

    static let indexTarget = 34_963
    static let vertexTarget = 34_962

    /// Required extensions under which positions and triangles still mean the same.
    static let understoodExtensions: Set<String> = [
        "KHR_mesh_quantization", "KHR_texture_transform", "KHR_lights_punctual", "KHR_materials_unlit",
        "KHR_materials_pbrSpecularGlossiness", "KHR_materials_clearcoat", "KHR_materials_transmission",
        "KHR_materials_volume", "KHR_materials_ior", "KHR_materials_specular", "KHR_materials_sheen",
        "KHR_materials_emissive_strength", "KHR_materials_iridescence", "KHR_materials_anisotropy",
        "KHR_materials_dispersion", "KHR_materials_variants", "KHR_texture_basisu", "EXT_texture_webp",
        "KHR_animation_pointer", "KHR_node_visibility", "EXT_mesh_gpu_instancing",
    ]

    /// Of buffer views. A reader that knows one shows what it decodes to, whatever the view itself holds.
    static let viewCompressions: [JSONText] = ["EXT_meshopt_compression", "KHR_meshopt_compression"]
    static let compressions = Set(["KHR_draco_mesh_compression"] + viewCompressions.map(\.description))

    /// Reads a `.glb` or `.gltf`.
    ///
    /// - Parameter budget: what remains of it can be used for the next file of the same folder.
    /// - Throws: `AssetError.invalid` with all issues found if one of them blocks, `.overBudget`.
    public static func read(
        bytes: [UInt8], resolve: Resolver = { _, _ in nil }, budget: inout AssetBudget
    ) throws(AssetError) -> GLTFAsset {
        try readWithContent(bytes: bytes, resolve: resolve, budget: &budget, wantsComponents: false).asset
    }

    /// The asset with its components, if they are wanted and its structure is verified.
    static func readWithContent(
        bytes: [UInt8], resolve: Resolver, budget: inout AssetBudget, wantsComponents: Bool
    ) throws(AssetError) -> (asset: GLTFAsset, content: GLTFContent) {
        try withoutActuallyEscaping(resolve) { resolve throws(AssetError) -> (GLTFAsset, GLTFContent) in
            try readAll(bytes, resolve, &budget, wantsComponents)
        }
    }

    private static func readAll(
        _ bytes: [UInt8], _ resolve: @escaping Resolver, _ budget: inout AssetBudget, _ wantsComponents: Bool
    ) throws(AssetError) -> (GLTFAsset, GLTFContent) {
        var issues = IssueList()
        let container = GLBContainer(bytes, issues: &issues)
        guard !issues.isBlocked, let range = container.json else { throw .invalid(issues.issues) }
        let root = try json(bytes[range], &budget, &issues)
        var schema = GLTFSchemaCheck(root: root, issues: issues)
        schema.run()
        let used = Set((root["extensionsUsed"]?.array ?? []).compactMap(\.text))
        for (name, place) in schema.extensions.sorted(by: { $0.value < $1.value }) where !used.contains(name) {
            schema.issues.add(.undeclaredExtension, place)
        }
        var reader = GLTFReader(
            model: GLTFModel(root), container: container, resolve: resolve, issues: schema.issues, budget: budget)
        defer { budget = reader.budget }
        try reader.check()
        guard !reader.issues.isBlocked else { throw .invalid(reader.issues.issues) }
        let meshes = try reader.meshes()
        guard !reader.issues.isBlocked else { throw .invalid(reader.issues.issues) }
        var content = GLTFContent()
        if wantsComponents, reader.reasons.isEmpty { content = try reader.content(meshes) }
        let isVerified = reader.reasons.isEmpty
        let asset = GLTFAsset(
            meshes: isVerified ? meshes : [], images: reader.images,
            structure: isVerified ? .verified : .notVerified(reader.reasons), issues: reader.issues.issues)
        return (asset, isVerified ? content : GLTFContent())
    }

    private static func json(
        _ bytes: ArraySlice<UInt8>, _ budget: inout AssetBudget, _ issues: inout IssueList
    ) throws(AssetError) -> StrictJSON {
        do {
            return try StrictJSON.read(bytes, budget: &budget)
        } catch {
            switch error {
            case .duplicateKey(let offset): issues.add(.provDuplicateKey, "byte \(offset)")
            case .tooDeep(let offset): issues.add(.provJsonTooDeep, "byte \(offset)")
            case .overBudget(let offset, let needed, let remaining):
                throw .overBudget(needed: needed, remaining: remaining, place: "byte \(offset)")
            case .unexpectedByte(let offset), .unexpectedEnd(let offset), .invalidUTF8(let offset),
                .invalidEscape(let offset), .invalidNumber(let offset):
                issues.add(.invalidJson, "byte \(offset)")
            }
            throw .invalid(issues.issues)
        }
    }
}
