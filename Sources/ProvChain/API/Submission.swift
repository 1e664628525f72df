/// What a client hands to a node: a statement, with the attachments it commits to.
public struct Submission: Hashable, Sendable, CBORCodable {
    /// The encoded statement; not yet parsed, so that a refusal can name what is wrong with it.
    public let statement: [UInt8]
    public let attachments: [[UInt8]]
    /// Hashes of those attachments that not everybody may read; ascending order is not asked for.
    public let restricted: [Digest]

    public static let contentType = "application/vnd.provchain.submission+cbor"

    public init(statement: [UInt8], attachments: [[UInt8]] = [], restricted: [Digest] = []) {
        self.restricted = restricted
        self.statement = statement
        self.attachments = attachments
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(restricted.isEmpty ? 2 : 3)
        writer.uint(1)
        writer.byteString(statement)
        writer.uint(2)
        writer.array(attachments.count)
        for attachment in attachments { writer.byteString(attachment) }
        if !restricted.isEmpty {
            writer.uint(3)
            writer.array(restricted.count)
            for hash in restricted { writer.digest(hash) }
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        statement = try reader.byteString()
        try map.key(2, &reader)
        var attachments: [[UInt8]] = []
        for _ in 0..<(try reader.array(atMost: Limits.attachmentsPerStatement)) {
            attachments.append(try reader.byteString(atMost: Limits.attachmentBytes))
        }
        self.attachments = attachments
        var restricted: [Digest] = []
        if try map.optionalKey(3, &reader) {
            for _ in 0..<(try reader.array(atMost: Limits.attachmentsPerStatement)) {
                restricted.append(try reader.digest())
            }
            guard !restricted.isEmpty else {
                throw CBORError(
                    .invalidValue("no hash of a restricted attachment; leave the key out"), at: reader.offset)
            }
        }
        self.restricted = restricted
        try map.finish(reader)
    }
}
