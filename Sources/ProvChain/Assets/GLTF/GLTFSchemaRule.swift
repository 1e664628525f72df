/// The objects of a glTF that others refer to by number.
enum GLTFCollection: String, CaseIterable, Sendable {
    case accessors, animations, buffers, bufferViews, cameras, images, materials, meshes, nodes, samplers, scenes,
        skins, textures

    var key: JSONText { JSONText(stringLiteral: rawValue) }
}

/// What a value of the JSON must look like: the part of the standard's JSON schema that a table can say.
indirect enum GLTFSchemaRule: Sendable {
    case integer(ClosedRange<Int64>, multipleOf: Int64 = 1)
    case integerAmong([Int64])
    /// A finite number from `minimum`, or above it if `exclusive`, up to `maximum`.
    case number(minimum: Double = -.infinity, exclusive: Bool = false, maximum: Double = .infinity)
    case boolean
    case text
    case word([JSONText])
    /// `<digits>.<digits>`
    case version
    /// The number of an object of a collection.
    case index(GLTFCollection)
    case numbers(lengths: [Int], minimum: Double = -.infinity, maximum: Double = .infinity)
    case indices(GLTFCollection)
    case names
    case object([GLTFProperty])
    case objects([GLTFProperty])
    /// An object that maps any name to the number of an accessor.
    case attributes
    case attributeMaps
    case anything
}

/// A member of an object.
struct GLTFProperty: Sendable {
    let name: JSONText
    let rule: GLTFSchemaRule
    let isRequired: Bool

    static func optional(_ name: JSONText, _ rule: GLTFSchemaRule) -> GLTFProperty {
        GLTFProperty(name: name, rule: rule, isRequired: false)
    }

    static func required(_ name: JSONText, _ rule: GLTFSchemaRule) -> GLTFProperty {
        GLTFProperty(name: name, rule: rule, isRequired: true)
    }
}
