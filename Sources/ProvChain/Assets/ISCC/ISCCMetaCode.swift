/// The Meta-Code (ISO 24138:2024): a similarity hash of a title, and of a description or other metadata.
///
/// Titles that differ in case, accents, spaces or punctuation have the same code, titles that differ in a word
/// have near ones. The normalised texts and the hash of them belong to the result, so that anyone can check
/// which words the code stands for.
public struct ISCCMetaCode: Hashable, Sendable {
    /// Bytes of UTF-8; what is longer is cut.
    public static let maximumTitleBytes = 128
    /// Bytes of UTF-8; what is longer is cut.
    public static let maximumDescriptionBytes = 4_096
    /// Bytes; what is longer is refused.
    public static let maximumMetadataBytes = 128_000

    private static let textWindow = 3
    private static let byteWindow = 4

    /// As normalised; one line, never empty.
    public let title: String
    /// As normalised; may be empty.
    public let description: String
    /// The 256-bit body; of 128 bits of the title and 128 bits of the rest, interleaved, if there is a rest.
    public let digest: Digest
    /// The BLAKE3 multihash, in hexadecimal, of the metadata, or of title and description without it.
    public let metahash: String

    /// - Parameter metadata: the bytes of a document in canonical form, such as JSON of RFC 8785. With it the
    ///   code is of title and metadata, and the description is only normalised.
    public init(title: String, description: String = "", metadata: [UInt8]? = nil) throws(ISCCError) {
        let title = MetaText.trimmed(
            MetaText.singleLine(MetaText.cleaned(title)), toBytes: ISCCMetaCode.maximumTitleBytes)
        let description = MetaText.trimmed(
            MetaText.cleaned(description), toBytes: ISCCMetaCode.maximumDescriptionBytes)
        guard !title.isEmpty else { throw .emptyTitle }
        self.title = title
        self.description = description
        let titleHash = ISCCMetaCode.textHash(title)
        if let metadata {
            guard metadata.count <= ISCCMetaCode.maximumMetadataBytes else {
                throw .metadataTooLong(bytes: metadata.count, limit: ISCCMetaCode.maximumMetadataBytes)
            }
            digest =
                metadata.isEmpty
                ? titleHash : ISCCMetaCode.interleaved(titleHash, ISCCMetaCode.byteHash(metadata))
            metahash = BLAKE3.hash(metadata).multihash
        } else {
            digest =
                description.isEmpty
                ? titleHash : ISCCMetaCode.interleaved(titleHash, ISCCMetaCode.textHash(description))
            metahash = BLAKE3.hash(Array(MetaText.trimmed(title + " " + description).utf8)).multihash
        }
    }

    public func unit(_ length: ISCCLength = .bits64) -> ISCCUnit { ISCCUnit(.meta, digest: digest, length: length) }

    /// Over every three characters in a row.
    private static func textHash(_ text: String) -> Digest {
        let scalars = MetaText.collapsed(text)
        return windowHash(scalars, width: textWindow) { window in
            var view = String.UnicodeScalarView()
            view.append(contentsOf: window)
            return Array(String(view).utf8)
        }
    }

    /// Over every four bytes in a row.
    private static func byteHash(_ bytes: [UInt8]) -> Digest { windowHash(bytes, width: byteWindow) { Array($0) } }

    /// The similarity hash of the hashes of all windows; what is shorter than a window is one window.
    private static func windowHash<Element>(
        _ elements: [Element], width: Int, bytes: (ArraySlice<Element>) -> [UInt8]
    ) -> Digest {
        var similarity = SimilarityHash()
        for start in 0..<max(elements.count - width + 1, 1) {
            similarity.insert(BLAKE3.hash(bytes(elements[start..<min(start + width, elements.count)])))
        }
        return similarity.digest
    }

    /// The first halves of both, in turns of 32 bits.
    private static func interleaved(_ first: Digest, _ second: Digest) -> Digest {
        let (a, b) = (first.bytes, second.bytes)
        let bytes = stride(from: 0, to: Digest.byteCount / 2, by: 4).flatMap { a[$0..<$0 + 4] + b[$0..<$0 + 4] }
        guard let digest = Digest(bytes) else { preconditionFailure("\(bytes.count) bytes interleaved") }
        return digest
    }
}
