/// The properties of glTF 2.0 (section 5 of the standard) as tables.
enum GLTFSchema {
    private static let count: GLTFSchemaRule = .integer(1...Limits.exactCount)
    private static let offset: GLTFSchemaRule = .integer(0...Limits.exactCount)
    private static let unit: GLTFSchemaRule = .number(minimum: 0, maximum: 1)

    static let root: [GLTFProperty] = [
        .required("asset", .object(asset)), .optional("scene", .index(.scenes)),
        .optional("extensionsUsed", .names), .optional("extensionsRequired", .names),
    ]

    static let asset: [GLTFProperty] = [
        .required("version", .version), .optional("minVersion", .version), .optional("copyright", .text),
        .optional("generator", .text),
    ]

    static func properties(_ collection: GLTFCollection) -> [GLTFProperty] {
        switch collection {
        case .accessors: accessor
        case .animations: animation
        case .buffers: [.optional("uri", .text), .required("byteLength", count)]
        case .bufferViews: bufferView
        case .cameras: camera
        case .images: image
        case .materials: material
        case .meshes: mesh
        case .nodes: node
        case .samplers: sampler
        case .scenes: [.optional("nodes", .indices(.nodes))]
        case .skins: skin
        case .textures: [.optional("sampler", .index(.samplers)), .optional("source", .index(.images))]
        }
    }

    private static let accessor: [GLTFProperty] = [
        .optional("bufferView", .index(.bufferViews)), .optional("byteOffset", offset),
        .required("componentType", .integerAmong([5120, 5121, 5122, 5123, 5125, 5126])),
        .optional("normalized", .boolean), .required("count", count),
        .required("type", .word(["SCALAR", "VEC2", "VEC3", "VEC4", "MAT2", "MAT3", "MAT4"])),
        .optional("max", .numbers(lengths: [1, 2, 3, 4, 9, 16])),
        .optional("min", .numbers(lengths: [1, 2, 3, 4, 9, 16])),
        .optional(
            "sparse",
            .object([
                .required("count", count),
                .required(
                    "indices",
                    .object([
                        .required("bufferView", .index(.bufferViews)), .optional("byteOffset", offset),
                        .required("componentType", .integerAmong([5121, 5123, 5125])),
                    ])),
                .required(
                    "values",
                    .object([.required("bufferView", .index(.bufferViews)), .optional("byteOffset", offset)])),
            ])),
    ]

    private static let animation: [GLTFProperty] = [
        .required(
            "channels",
            .objects([
                .required("sampler", .integer(0...Limits.exactCount)),
                .required(
                    "target",
                    .object([
                        .optional("node", .index(.nodes)),
                        .required("path", .word(["translation", "rotation", "scale", "weights", "pointer"])),
                    ])),
            ])),
        .required(
            "samplers",
            .objects([
                .required("input", .index(.accessors)),
                .optional("interpolation", .word(["LINEAR", "STEP", "CUBICSPLINE"])),
                .required("output", .index(.accessors)),
            ])),
    ]

    private static let bufferView: [GLTFProperty] = [
        .required("buffer", .index(.buffers)), .optional("byteOffset", offset), .required("byteLength", count),
        .optional("byteStride", .integer(4...252, multipleOf: 4)), .optional("target", .integerAmong([34962, 34963])),
    ]

    private static let camera: [GLTFProperty] = [
        .optional(
            "orthographic",
            .object([
                .required("xmag", .number()), .required("ymag", .number()),
                .required("zfar", .number(minimum: 0, exclusive: true)), .required("znear", .number(minimum: 0)),
            ])),
        .optional(
            "perspective",
            .object([
                .optional("aspectRatio", .number(minimum: 0, exclusive: true)),
                .required("yfov", .number(minimum: 0, exclusive: true)),
                .optional("zfar", .number(minimum: 0, exclusive: true)),
                .required("znear", .number(minimum: 0, exclusive: true)),
            ])),
        .required("type", .word(["perspective", "orthographic"])),
    ]

    private static let image: [GLTFProperty] = [
        .optional("uri", .text), .optional("mimeType", .word(["image/jpeg", "image/png", "image/webp", "image/ktx2"])),
        .optional("bufferView", .index(.bufferViews)),
    ]

    private static let textureInfo: [GLTFProperty] = [
        .required("index", .index(.textures)), .optional("texCoord", offset),
    ]

    private static let material: [GLTFProperty] = [
        .optional(
            "pbrMetallicRoughness",
            .object([
                .optional("baseColorFactor", .numbers(lengths: [4], minimum: 0, maximum: 1)),
                .optional("baseColorTexture", .object(textureInfo)), .optional("metallicFactor", unit),
                .optional("roughnessFactor", unit), .optional("metallicRoughnessTexture", .object(textureInfo)),
            ])),
        .optional("normalTexture", .object(textureInfo + [.optional("scale", .number())])),
        .optional("occlusionTexture", .object(textureInfo + [.optional("strength", unit)])),
        .optional("emissiveTexture", .object(textureInfo)),
        .optional("emissiveFactor", .numbers(lengths: [3], minimum: 0, maximum: 1)),
        .optional("alphaMode", .word(["OPAQUE", "MASK", "BLEND"])), .optional("alphaCutoff", .number(minimum: 0)),
        .optional("doubleSided", .boolean),
    ]

    private static let mesh: [GLTFProperty] = [
        .required(
            "primitives",
            .objects([
                .required("attributes", .attributes), .optional("indices", .index(.accessors)),
                .optional("material", .index(.materials)), .optional("mode", .integerAmong([0, 1, 2, 3, 4, 5, 6])),
                .optional("targets", .attributeMaps),
            ])),
        .optional("weights", .numbers(lengths: [])),
    ]

    private static let node: [GLTFProperty] = [
        .optional("camera", .index(.cameras)), .optional("children", .indices(.nodes)),
        .optional("skin", .index(.skins)), .optional("matrix", .numbers(lengths: [16])),
        .optional("mesh", .index(.meshes)), .optional("rotation", .numbers(lengths: [4], minimum: -1, maximum: 1)),
        .optional("scale", .numbers(lengths: [3])), .optional("translation", .numbers(lengths: [3])),
        .optional("weights", .numbers(lengths: [])),
    ]

    private static let sampler: [GLTFProperty] = [
        .optional("magFilter", .integerAmong([9728, 9729])),
        .optional("minFilter", .integerAmong([9728, 9729, 9984, 9985, 9986, 9987])),
        .optional("wrapS", .integerAmong([33071, 33648, 10497])),
        .optional("wrapT", .integerAmong([33071, 33648, 10497])),
    ]

    private static let skin: [GLTFProperty] = [
        .optional("inverseBindMatrices", .index(.accessors)), .optional("skeleton", .index(.nodes)),
        .required("joints", .indices(.nodes)),
    ]
}

extension Limits {
    /// Numbers that count or measure stay where a double is exact.
    static let exactCount = Int64(exactInteger)
}
