/// The words about a work: kept as an attachment, because a name inside the log could never be erased.
public struct WorkMetadata: Hashable, Sendable, CBORCodable {
    public let title: String
    public let description: String?
    /// Names of the authors as they wish to be called.
    public let authors: [String]

    public static let maximumTitleBytes = 1_000
    public static let maximumDescriptionBytes = 20_000
    public static let maximumAuthors = 100
    public static let maximumAuthorBytes = 500

    public init(title: String, description: String? = nil, authors: [String] = []) {
        self.title = title
        self.description = description
        self.authors = authors
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(2 + (description == nil ? 0 : 1) + (authors.isEmpty ? 0 : 1))
        writer.uint(1)
        writer.uint(1)
        writer.uint(2)
        writer.text(title)
        if let description {
            writer.uint(3)
            writer.text(description)
        }
        if !authors.isEmpty {
            writer.uint(4)
            writer.array(authors.count)
            for author in authors { writer.text(author) }
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.key(2, &reader)
        title = try reader.text(atMost: Self.maximumTitleBytes)
        description = try map.optionalKey(3, &reader) ? try reader.text(atMost: Self.maximumDescriptionBytes) : nil
        var authors: [String] = []
        if try map.optionalKey(4, &reader) {
            let start = reader.offset
            for _ in 0..<(try reader.array(atMost: Self.maximumAuthors)) {
                authors.append(try reader.text(atMost: Self.maximumAuthorBytes))
            }
            guard !authors.isEmpty else { throw CBORError(.invalidValue("an empty list is left out"), at: start) }
        }
        self.authors = authors
        try map.finish(reader)
    }
}
