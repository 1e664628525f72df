/// An ISCC-CODE (ISO 24138:2024): several units under one header, always a Data-Code and an Instance-Code.
///
/// Each unit keeps its first 64 bits. The composite of these two alone is the ISCC-SUM, of which a wide form
/// keeps 128 bits each. The length field of the header says which other units are there.
public struct ISCCCode: Hashable, Sendable {
    private static let mainType: UInt8 = 5
    private static let sumType: UInt8 = 5
    private static let withoutMediaType: UInt8 = 6
    private static let wideType: UInt8 = 7
    private static let unitBytes = 8
    private static let wideUnitBytes = 16

    /// In the order of the body: Meta, Semantic, Content, Data, Instance.
    public let units: [ISCCUnit]
    public let isWide: Bool

    /// The ISCC-SUM of two 256-bit bodies.
    public init(data: Digest, instance: Digest, wide: Bool = false) {
        let length: ISCCLength = wide ? .bits128 : .bits64
        self.units = [
            ISCCUnit(.data, digest: data, length: length), ISCCUnit(.instance, digest: instance, length: length),
        ]
        self.isWide = wide
    }

    /// Units in any order, each cut to 64 bits, or to 128 if `wide`.
    public init(_ units: [ISCCUnit], wide: Bool = false) throws(ISCCError) {
        let byteCount = wide ? ISCCCode.wideUnitBytes : ISCCCode.unitBytes
        let sorted = units.sorted { $0.kind.fields.mainType < $1.kind.fields.mainType }
        let mainTypes = sorted.map(\.kind.fields.mainType)
        guard Set(mainTypes).count == mainTypes.count, mainTypes.suffix(2) == [3, 4] else {
            throw .missingOrRepeatedUnit
        }
        guard !wide || sorted.count == 2 else { throw .wideWithOtherUnits }
        for unit in sorted where unit.body.count < byteCount { throw .unitTooShort(bits: unit.bits) }
        guard Set(sorted.compactMap(\.kind.media)).count <= 1 else { throw .differentMedia }
        self.units = sorted.map { ISCCUnit($0.kind, body: Array($0.body.prefix(byteCount))) }
        self.isWide = wide
    }

    private var subType: UInt8 {
        if isWide { return ISCCCode.wideType }
        if let media = units.compactMap(\.kind.media).first { return media.rawValue }
        return units.count == 2 ? ISCCCode.sumType : ISCCCode.withoutMediaType
    }

    /// A bit for each unit besides the two that are always there.
    private var unitFlags: UInt8 { units.reduce(0) { $0 | $1.kind.flag } }

    /// The header's two bytes, then the units' bodies.
    public var bytes: [UInt8] {
        [ISCCCode.mainType << 4 | subType, unitFlags] + units.flatMap(\.body)
    }

    /// `ISCC:` and base 32.
    public var text: String { ISCCUnit.textPrefix + Base32.encode(bytes) }

    /// Reads the canonical text, with or without `ISCC:`.
    public init(text: String) throws(ISCCError) {
        let header = try ISCCHeader(text: text)
        guard header.mainType == ISCCCode.mainType, header.version == 0, header.length < 8 else {
            throw header.unknown
        }
        let wide = header.subType == ISCCCode.wideType
        // Only read when the flag says that a unit with a medium is there; checked by writing it again below.
        let media = ISCCMedia(rawValue: header.subType) ?? .mixed
        let optional: [ISCCUnit.Kind] = [.meta, .semantic(media), .content(media)]
        let kinds = optional.filter { header.length & $0.flag != 0 } + [.data, .instance]
        let byteCount = wide ? ISCCCode.wideUnitBytes : ISCCCode.unitBytes
        guard header.body.count == kinds.count * byteCount else {
            throw .wrongBodyLength(expected: kinds.count * byteCount, actual: header.body.count)
        }
        let units = kinds.enumerated().map { index, kind in
            ISCCUnit(kind, body: Array(header.body[index * byteCount..<(index + 1) * byteCount]))
        }
        try self.init(units, wide: wide)
        guard subType == header.subType else { throw header.unknown }
    }
}

extension ISCCUnit.Kind {
    var media: ISCCMedia? {
        switch self {
        case .semantic(let media), .content(let media): media
        case .meta, .data, .instance: nil
        }
    }

    fileprivate var flag: UInt8 {
        switch self {
        case .content: 1
        case .semantic: 2
        case .meta: 4
        case .data, .instance: 0
        }
    }
}
