/// What the bytes of one file are known by: SHA-256 for the chain, BLAKE3 and the Data-Code's body for ISCC.
public struct FileDigests: Hashable, Sendable {
    /// Bytes.
    public let size: UInt64
    public let sha256: Digest
    /// The body of the Instance-Code.
    public let blake3: Digest
    /// The body of the Data-Code.
    public let dataHash: Digest

    public init(size: UInt64, sha256: Digest, blake3: Digest, dataHash: Digest) {
        self.size = size
        self.sha256 = sha256
        self.blake3 = blake3
        self.dataHash = dataHash
    }

    public init(of bytes: [UInt8]) {
        var hasher = Hasher()
        hasher.update(bytes)
        self = hasher.finalize()
    }

    public func dataCode(_ length: ISCCLength = .bits64) -> ISCCUnit {
        ISCCUnit(.data, digest: dataHash, length: length)
    }

    public func instanceCode(_ length: ISCCLength = .bits64) -> ISCCUnit {
        ISCCUnit(.instance, digest: blake3, length: length)
    }

    /// The ISCC-SUM: Data-Code and Instance-Code, 64 bits each, or 128 bits each if `wide`.
    public func iscc(wide: Bool = false) -> ISCCCode { ISCCCode(data: dataHash, instance: blake3, wide: wide) }

    /// The BLAKE3 multihash of the file: code 0x1e, 32 bytes, in lower-case hexadecimal, as ISCC metadata
    /// records it.
    public var dataMultihash: String { blake3.multihash }

    /// All three hashes in one pass over the file, in bounded memory. Pieces of 64 KiB to a few MiB are best:
    /// each goes through the three while the processor's cache holds it.
    public struct Hasher: Sendable {
        private var size: UInt64 = 0
        private var sha256 = SHA256()
        private var blake3 = BLAKE3()
        private var dataCode = ISCCDataCode()

        public init() {}

        /// Bytes taken so far.
        public var byteCount: UInt64 { size }

        public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

        public mutating func update(_ bytes: UnsafeRawBufferPointer) {
            size += UInt64(bytes.count)
            sha256.update(bytes)
            blake3.update(bytes)
            dataCode.update(bytes)
        }

        /// The digests of everything so far. The value must not be updated afterwards.
        public mutating func finalize() -> FileDigests {
            FileDigests(
                size: size, sha256: sha256.finalize(), blake3: blake3.finalize(), dataHash: dataCode.finalize())
        }
    }
}

extension Digest {
    /// This BLAKE3 hash as a multihash: code 0x1e, length 0x20, then the hash, in lower-case hexadecimal.
    var multihash: String { "1e20" + hex }
}
