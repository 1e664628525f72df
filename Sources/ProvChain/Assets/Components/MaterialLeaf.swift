/// The `MAT` leaf: how a surface looks, with every default of glTF filled in.
///
/// SHA-256 of CBOR `["provchain/mat/1", factors, alpha mode, double-sided, textures, extensions]`:
/// - factors: 12 f32: base colour (4), metallic, roughness, emissive (3), scale of the normal texture, strength of
///   the occlusion texture, alpha cut-off. Scale and strength are 1 without their texture, the cut-off 0.5
///   unless the mode is MASK: they have no effect then;
/// - alpha mode: 0 OPAQUE, 1 MASK, 2 BLEND;
/// - textures: of base colour, metallic and roughness, normals, occlusion, emission, in this order; null or a
///   ``Texture``;
/// - extensions: `[[name, value], …]` by the bytes of their names: those that start with `KHR_materials_`, as
///   written, without defaults (``Value``).
public struct MaterialLeaf: Hashable, Sendable {
    /// An image as a surface uses it: CBOR `[image, coordinates, [magnify, minify, wrap S, wrap T], transform]`.
    public struct Texture: Hashable, Sendable {
        /// Its ``ImageLeaf``; `nil` (null) if the file names no image.
        public var image: Digest?
        /// The number of the set of texture coordinates.
        public var coordinates: UInt64 = 0
        /// As glTF numbers them; 0 where the file leaves it to the reader; repeating (10497) by default.
        public var sampler: [UInt64] = [0, 0, 10_497, 10_497]
        /// Offset (2), rotation, scale (2) of `KHR_texture_transform`: 5 f32.
        public var transform: [Float] = [0, 0, 0, 1, 1]
    }

    /// A value of an extension: null and booleans as such, numbers as byte strings of one f32, texts, arrays;
    /// objects as arrays `[[name, value], …]` by the bytes of the names, without `extensions` and `extras`;
    /// objects in members whose names end in `Texture` as `[texture, [[name, value], …]]`: a ``Texture``, and what
    /// they say besides `index` and `texCoord`.
    indirect enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        case number(Float)
        case text([UInt8])
        case array([Value])
        case object([Member])
        case texture(Texture, [Member])
    }

    struct Member: Hashable, Sendable {
        let name: JSONText
        let value: Value
    }

    public enum AlphaMode: UInt64, Hashable, Sendable {
        case opaque = 0
        case mask = 1
        case blend = 2
    }

    public var baseColor: [Float] = [1, 1, 1, 1]
    public var metallic: Float = 1
    public var roughness: Float = 1
    public var emissive: [Float] = [0, 0, 0]
    public var normalScale: Float = 1
    public var occlusionStrength: Float = 1
    public var alphaCutoff: Float = 0.5
    public var alphaMode = AlphaMode.opaque
    public var isDoubleSided = false
    /// Five: base colour, metallic and roughness, normals, occlusion, emission.
    public var textures: [Texture?] = [nil, nil, nil, nil, nil]
    var extensions: [Member] = []

    /// The material of glTF primitives that name none.
    public init() {}

    public var leaf: Digest { SHA256.hash(input) }

    private var input: [UInt8] {
        let factors =
            baseColor + [metallic, roughness] + emissive + [normalScale, occlusionStrength]
            + [alphaMode == .mask ? alphaCutoff : 0.5]
        return DomainTag.componentMaterial.input(5) { writer in
            writer.numbers(factors)
            writer.uint(alphaMode.rawValue)
            writer.bool(isDoubleSided)
            writer.array(textures.count)
            for texture in textures {
                if let texture { writer.texture(texture) } else { writer.null() }
            }
            writer.members(extensions)
        }
    }
}

extension MaterialLeaf.Value {
    func write(to writer: inout CBORWriter) {
        switch self {
        case .null: writer.null()
        case .bool(let value): writer.bool(value)
        case .number(let value): writer.numbers([value])
        case .text(let utf8): writer.text(String(decoding: utf8, as: UTF8.self))
        case .array(let values):
            writer.array(values.count)
            for value in values { value.write(to: &writer) }
        case .object(let members): writer.members(members)
        case .texture(let texture, let members):
            writer.array(2)
            writer.texture(texture)
            writer.members(members)
        }
    }
}

extension CBORWriter {
    /// Finite numbers as one byte string.
    fileprivate mutating func numbers(_ values: [Float]) {
        var bytes: [UInt8] = []
        for value in values { CanonicalFloat.append(CanonicalFloat.bits(value), to: &bytes) }
        byteString(bytes)
    }

    fileprivate mutating func texture(_ texture: MaterialLeaf.Texture) {
        array(4)
        if let image = texture.image { digest(image) } else { null() }
        uint(texture.coordinates)
        array(texture.sampler.count)
        for value in texture.sampler { uint(value) }
        numbers(texture.transform)
    }

    fileprivate mutating func members(_ members: [MaterialLeaf.Member]) {
        array(members.count)
        for member in members {
            array(2)
            text(member.name.description)
            member.value.write(to: &self)
        }
    }
}
