/// The Data-Code (ISO 24138:2024): a similarity hash of a file's bytes, in steps and in bounded memory.
///
/// The file is cut into chunks by content, every chunk gives a 32-bit feature, and the minimum hash of the
/// features is the code's body. It finds copies and light edits; a model exported anew shares no chunks with
/// the old file, and its code is no nearer than chance.
public struct ISCCDataCode: Sendable {
    private var chunker = ContentChunker()
    private var features = MinHash()

    public init() {}

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        chunker.update(bytes) { features.insert(XXH32.hash($0)) }
    }

    /// The 256-bit body of everything so far, of which a unit takes a prefix. The value must not be updated
    /// afterwards.
    public mutating func finalize() -> Digest {
        chunker.finish { features.insert(XXH32.hash($0)) }
        // An empty file has one feature, that of the empty chunk.
        if features.isEmpty { features.insert(XXH32.hash(UnsafeRawBufferPointer(start: nil, count: 0))) }
        return features.digest
    }

    public static func hash(_ bytes: [UInt8]) -> Digest {
        var hasher = ISCCDataCode()
        hasher.update(bytes)
        return hasher.finalize()
    }
}
