/// The length of a unit's body, a multiple of 32 bits.
public enum ISCCLength: UInt8, Hashable, Sendable, CaseIterable {
    case bits32, bits64, bits96, bits128, bits160, bits192, bits224, bits256

    public var byteCount: Int { 4 * (Int(rawValue) + 1) }

    public var bits: Int { 8 * byteCount }

    public init?(bits: Int) {
        guard let length = ISCCLength.allCases.first(where: { $0.bits == bits }) else { return nil }
        self = length
    }
}

/// The kind of content of a Content-Code or a Semantic-Code.
public enum ISCCMedia: UInt8, Hashable, Sendable {
    case text, image, audio, video, mixed
}

/// One ISCC-UNIT (ISO 24138:2024): a hash of one aspect of a file, with a header that says of which.
///
/// The header's four fields (main type, sub type, version, length) are nibbles here, since version 0 has no
/// value above 7; the text is `ISCC:` and the base 32 of header and body.
public struct ISCCUnit: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case meta
        case semantic(ISCCMedia)
        case content(ISCCMedia)
        case data
        case instance
    }

    public static let textPrefix = "ISCC:"

    public let kind: Kind
    /// 4…32 bytes, a multiple of four.
    public let body: [UInt8]

    /// The first `length` bits of a 256-bit digest.
    public init(_ kind: Kind, digest: Digest, length: ISCCLength = .bits64) {
        self.init(kind, body: Array(digest.bytes.prefix(length.byteCount)))
    }

    init(_ kind: Kind, body: [UInt8]) {
        precondition(
            body.count % 4 == 0 && (4...Digest.byteCount).contains(body.count), "an ISCC body of \(body.count) bytes")
        self.kind = kind
        self.body = body
    }

    public var bits: Int { 8 * body.count }

    /// The header's two bytes, then the body.
    public var bytes: [UInt8] {
        let fields = kind.fields
        return [fields.mainType << 4 | fields.subType, UInt8(body.count / 4 - 1)] + body
    }

    /// `ISCC:` and base 32.
    public var text: String { ISCCUnit.textPrefix + Base32.encode(bytes) }

    /// Reads the canonical text, with or without `ISCC:`.
    public init(text: String) throws(ISCCError) {
        let header = try ISCCHeader(text: text)
        guard header.version == 0, let kind = Kind(mainType: header.mainType, subType: header.subType),
            let length = ISCCLength(rawValue: header.length)
        else { throw header.unknown }
        guard header.body.count == length.byteCount else {
            throw .wrongBodyLength(expected: length.byteCount, actual: header.body.count)
        }
        self.init(kind, body: header.body)
    }
}

extension ISCCUnit.Kind {
    var fields: (mainType: UInt8, subType: UInt8) {
        switch self {
        case .meta: (0, 0)
        case .semantic(let media): (1, media.rawValue)
        case .content(let media): (2, media.rawValue)
        case .data: (3, 0)
        case .instance: (4, 0)
        }
    }

    init?(mainType: UInt8, subType: UInt8) {
        switch (mainType, subType) {
        case (0, 0): self = .meta
        case (3, 0): self = .data
        case (4, 0): self = .instance
        case (1, _):
            guard let media = ISCCMedia(rawValue: subType) else { return nil }
            self = .semantic(media)
        case (2, _):
            guard let media = ISCCMedia(rawValue: subType) else { return nil }
            self = .content(media)
        case (_, _): return nil
        }
    }
}
