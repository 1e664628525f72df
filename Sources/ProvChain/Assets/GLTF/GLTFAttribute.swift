/// Which accessors an attribute of a primitive may use (glTF 2.0 section 3.7.2.1).
enum GLTFAttribute: Equatable {
    case position, normal, tangent
    case texcoord(Int), color(Int), joints(Int), weights(Int)
    case application

    /// `nil` for a name that the standard does not allow.
    init?(_ name: JSONText) {
        switch name {
        case "POSITION": self = .position
        case "NORMAL": self = .normal
        case "TANGENT": self = .tangent
        default:
            if name.utf8.first == UInt8(ascii: "_") {
                self = .application
                return
            }
            let parts = name.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[1].isEmpty, parts[1].count <= 4,
                parts[1].allSatisfy({ (0x30...0x39).contains($0) }), parts[1].count == 1 || parts[1].first != 0x30,
                let number = Int(String(decoding: parts[1], as: UTF8.self))
            else { return nil }
            switch JSONText(utf8: Array(parts[0])) {
            case "TEXCOORD": self = .texcoord(number)
            case "COLOR": self = .color(number)
            case "JOINTS": self = .joints(number)
            case "WEIGHTS": self = .weights(number)
            default: return nil
            }
        }
    }

    /// - Parameter isQuantized: whether `KHR_mesh_quantization` is in use.
    func allows(_ accessor: GLTFModel.Accessor, isQuantized: Bool) -> Bool {
        guard let component = accessor.component, let shape = accessor.shape else { return false }
        let isSmall = component != .float && component != .uint32
        let isUnitInteger = (component == .uint8 || component == .uint16) && accessor.isNormalized
        return switch self {
        case .position: shape == .vec3 && (component == .float || isQuantized && isSmall)
        case .normal:
            shape == .vec3
                && (component == .float
                    || isQuantized && accessor.isNormalized && (component == .int8 || component == .int16))
        case .tangent:
            shape == .vec4
                && (component == .float
                    || isQuantized && accessor.isNormalized && (component == .int8 || component == .int16))
        case .texcoord: shape == .vec2 && (component == .float || isUnitInteger || isQuantized && isSmall)
        case .color: (shape == .vec3 || shape == .vec4) && (component == .float || isUnitInteger)
        case .joints: shape == .vec4 && (component == .uint8 || component == .uint16) && !accessor.isNormalized
        case .weights: shape == .vec4 && (component == .float || isUnitInteger)
        case .application: true
        }
    }

    /// As a target of morphing: displacements may be signed.
    func allowsAsTarget(_ accessor: GLTFModel.Accessor, isQuantized: Bool) -> Bool {
        switch self {
        case .tangent: accessor.shape == .vec3
        case .texcoord, .color: accessor.shape != nil && accessor.component != nil
        case .position, .normal, .joints, .weights, .application: allows(accessor, isQuantized: isQuantized)
        }
    }
}
