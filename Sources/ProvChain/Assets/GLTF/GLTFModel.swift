/// What geometry needs of a glTF, with types instead of JSON. References that name nothing are `nil`: the schema
/// check has reported them.
struct GLTFModel {
    struct BufferView {
        let buffer: Int?
        let offset, length: Int
        let stride: Int?
        let target: Int?
    }

    struct Sparse {
        let count: Int
        let indexView: Int?
        let indexOffset: Int
        let indexType: GLTFComponentType?
        let valueView: Int?
        let valueOffset: Int
    }

    struct Accessor {
        let view: Int?
        let offset: Int
        let component: GLTFComponentType?
        let shape: GLTFShape?
        let isNormalized: Bool
        let count: Int
        let minimum, maximum: [Double]?
        let sparse: Sparse?
        let hasSparse: Bool
    }

    struct Primitive {
        /// Sorted by name, so that reports and results do not depend on the order in a hash table.
        let attributes: [(name: JSONText, accessor: Int)]
        let indices: Int?
        let material: Int?
        let mode: Int
        let targets: [[(name: JSONText, accessor: Int)]]
        let isCompressed: Bool

        /// By name, and how many different accessors use each view.
        let named: [JSONText: Int]
        let sharers: [Int: Int]

        func accessor(_ name: JSONText) -> Int? { named[name] }
    }

    struct MeshEntry {
        let primitives: [Primitive]
        let weights: Int?
        let isSkinned: Bool
    }

    struct Node {
        let children: [Int]
        let mesh, skin: Int?
    }

    struct Skin {
        let joints: [Int]
        let skeleton, inverseBindMatrices: Int?
    }

    let root: StrictJSON
    let accessors: [Accessor]
    let views: [BufferView]
    let bufferLengths: [Int]
    let meshes: [MeshEntry]
    let nodes: [Node]
    let skins: [Skin]
    let scenes: [[Int]]

    init(_ root: StrictJSON) {
        self.root = root
        func list(_ collection: GLTFCollection) -> [StrictJSON] { root[collection.key]?.array ?? [] }
        func index(_ value: StrictJSON?, _ collection: GLTFCollection) -> Int? {
            guard let number = value?.integer, number >= 0, number < Int64(list(collection).count) else { return nil }
            return Int(number)
        }
        func length(_ value: StrictJSON?) -> Int {
            guard let number = value?.integer, (0...Limits.exactCount).contains(number) else { return 0 }
            return Int(number)
        }
        func doubles(_ value: StrictJSON?) -> [Double]? { value?.array?.compactMap(\.number) }
        func attributes(_ value: StrictJSON?) -> [(name: JSONText, accessor: Int)] {
            (value?.object ?? [:]).compactMap { name, value in index(value, .accessors).map { (name, $0) } }
                .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        }
        self.accessors = list(.accessors).map { entry in
            let sparse = entry["sparse"].map { sparse in
                Sparse(
                    count: length(sparse["count"]), indexView: index(sparse["indices"]?["bufferView"], .bufferViews),
                    indexOffset: length(sparse["indices"]?["byteOffset"]),
                    indexType: GLTFComponentType(sparse["indices"]?["componentType"]),
                    valueView: index(sparse["values"]?["bufferView"], .bufferViews),
                    valueOffset: length(sparse["values"]?["byteOffset"]))
            }
            return Accessor(
                view: index(entry["bufferView"], .bufferViews), offset: length(entry["byteOffset"]),
                component: GLTFComponentType(entry["componentType"]), shape: GLTFShape(entry["type"]),
                isNormalized: entry["normalized"]?.bool ?? false, count: length(entry["count"]),
                minimum: doubles(entry["min"]), maximum: doubles(entry["max"]), sparse: sparse,
                hasSparse: sparse != nil)
        }
        self.views = list(.bufferViews).map { entry in
            BufferView(
                buffer: index(entry["buffer"], .buffers), offset: length(entry["byteOffset"]),
                length: length(entry["byteLength"]), stride: entry["byteStride"]?.integer.flatMap { Int(exactly: $0) },
                target: entry["target"]?.integer.flatMap { Int(exactly: $0) })
        }
        self.bufferLengths = list(.buffers).map { length($0["byteLength"]) }
        let accessors = self.accessors
        func primitive(_ entry: StrictJSON) -> Primitive {
            let attributes = targets(entry["attributes"] ?? .null)
            var sharers: [Int: Int] = [:]
            for accessor in Set(attributes.map(\.accessor)) {
                if let view = accessors[accessor].view { sharers[view, default: 0] += 1 }
            }
            return Primitive(
                attributes: attributes, indices: index(entry["indices"], .accessors),
                material: index(entry["material"], .materials),
                mode: entry["mode"]?.integer.flatMap { Int(exactly: $0) } ?? 4,
                targets: (entry["targets"]?.array ?? []).map { targets($0) },
                isCompressed: entry["extensions"]?["KHR_draco_mesh_compression"] != nil,
                named: Dictionary(uniqueKeysWithValues: attributes.map { ($0.name, $0.accessor) }), sharers: sharers)
        }
        func targets(_ value: StrictJSON) -> [(name: JSONText, accessor: Int)] { attributes(value) }
        self.meshes = list(.meshes).map { entry in
            let primitives = (entry["primitives"]?.array ?? []).map { primitive($0) }
            return MeshEntry(
                primitives: primitives, weights: entry["weights"]?.array?.count,
                isSkinned: primitives.contains { $0.accessor("JOINTS_0") != nil })
        }
        self.nodes = list(.nodes).map { entry in
            Node(
                children: (entry["children"]?.array ?? []).compactMap { index($0, .nodes) },
                mesh: index(entry["mesh"], .meshes), skin: index(entry["skin"], .skins))
        }
        self.skins = list(.skins).map { entry in
            Skin(
                joints: (entry["joints"]?.array ?? []).compactMap { index($0, .nodes) },
                skeleton: index(entry["skeleton"], .nodes),
                inverseBindMatrices: index(entry["inverseBindMatrices"], .accessors))
        }
        self.scenes = list(.scenes).map { ($0["nodes"]?.array ?? []).compactMap { index($0, .nodes) } }
    }
}

/// The kind of the numbers of an accessor.
enum GLTFComponentType: Int64 {
    case int8 = 5120
    case uint8 = 5121
    case int16 = 5122
    case uint16 = 5123
    case uint32 = 5125
    case float = 5126

    init?(_ value: StrictJSON?) {
        guard let number = value?.integer, let type = GLTFComponentType(rawValue: number) else { return nil }
        self = type
    }

    var size: Int {
        switch self {
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .uint32, .float: 4
        }
    }

    /// The largest value of an unsigned index: it restarts a primitive, and is no vertex.
    var restart: Double { self == .uint8 ? 255 : self == .uint16 ? 65_535 : 4_294_967_295 }

    /// What an integer is divided by when it is normalised; `nil` for those that are not.
    var normalizer: Double? {
        switch self {
        case .int8: 127
        case .uint8: 255
        case .int16: 32_767
        case .uint16: 65_535
        case .uint32, .float: nil
        }
    }
}

/// How many numbers an element of an accessor has, and how they lie: columns of a matrix start at multiples of 4.
enum GLTFShape: String {
    case scalar = "SCALAR"
    case vec2 = "VEC2"
    case vec3 = "VEC3"
    case vec4 = "VEC4"
    case mat2 = "MAT2"
    case mat3 = "MAT3"
    case mat4 = "MAT4"

    init?(_ value: StrictJSON?) {
        guard let text = value?.text?.description, let shape = GLTFShape(rawValue: text) else { return nil }
        self = shape
    }

    var rows: Int {
        switch self {
        case .scalar: 1
        case .vec2, .mat2: 2
        case .vec3, .mat3: 3
        case .vec4, .mat4: 4
        }
    }

    var columns: Int {
        switch self {
        case .scalar, .vec2, .vec3, .vec4: 1
        case .mat2, .mat3, .mat4: rows
        }
    }

    var isMatrix: Bool { columns > 1 }
    var components: Int { rows * columns }

    func columnStride(_ type: GLTFComponentType) -> Int {
        isMatrix ? (rows * type.size + 3) & ~3 : rows * type.size
    }

    /// Bytes between elements that lie close together.
    func size(_ type: GLTFComponentType) -> Int { columns * columnStride(type) }

    /// Bytes that the last element needs: without the padding of its last column.
    func lastSize(_ type: GLTFComponentType) -> Int { (columns - 1) * columnStride(type) + rows * type.size }
}
