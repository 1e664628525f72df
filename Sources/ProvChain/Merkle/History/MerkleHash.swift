import CLibCrypto

/// The hashes of both trees: leaves and nodes start with different bytes, so that neither can pass for the
/// other (RFC 9162 section 2.1.1). No call allocates.
public enum MerkleHash {
    /// The root of a history tree without leaves: SHA-256 of nothing.
    public static let empty = SHA256.hash([])

    /// SHA-256(0x00 ‖ `entry`): the leaf hash of a log entry.
    public static func leaf(_ entry: [UInt8]) -> Digest {
        entry.withUnsafeBytes { leaf($0) }
    }

    /// SHA-256(0x00 ‖ `entry`): the leaf hash of a log entry.
    public static func leaf(_ entry: UnsafeRawBufferPointer) -> Digest {
        var state = prov_sha256_state()
        var prefix: UInt8 = 0x00
        prov_sha256_init(&state)
        prov_sha256_update(&state, &prefix, 1)
        if let base = entry.baseAddress { prov_sha256_update(&state, base, entry.count) }
        return Digest { prov_sha256_final(&state, $0) }
    }

    /// SHA-256(0x01 ‖ `left` ‖ `right`).
    public static func node(_ left: Digest, _ right: Digest) -> Digest { pair(0x01, left, right) }

    /// SHA-256(0x00 ‖ `key` ‖ `recordHash`): the leaf of a record in the state tree.
    public static func stateLeaf(key: Digest, recordHash: Digest) -> Digest { pair(0x00, key, recordHash) }

    /// SHA-256(0x01 ‖ left ‖ right) of digests that stand left, right, left, right, …
    static func nodes(_ children: [Digest]) -> [Digest] {
        (0..<children.count / 2).map { node(children[2 * $0], children[2 * $0 + 1]) }
    }

    private static func pair(_ prefix: UInt8, _ first: Digest, _ second: Digest) -> Digest {
        // The prefix stands at byte 7, so that all eight words are stored aligned. Behind the 65 bytes comes the
        // padding of FIPS 180-4, section 5.1.1: a 1 bit, zeros, and the length in bits at the end of the second block.
        withUnsafeTemporaryAllocation(byteCount: 136, alignment: 8) { buffer in
            buffer[7] = prefix
            buffer.storeBytes(of: first.words.0.bigEndian, toByteOffset: 8, as: UInt64.self)
            buffer.storeBytes(of: first.words.1.bigEndian, toByteOffset: 16, as: UInt64.self)
            buffer.storeBytes(of: first.words.2.bigEndian, toByteOffset: 24, as: UInt64.self)
            buffer.storeBytes(of: first.words.3.bigEndian, toByteOffset: 32, as: UInt64.self)
            buffer.storeBytes(of: second.words.0.bigEndian, toByteOffset: 40, as: UInt64.self)
            buffer.storeBytes(of: second.words.1.bigEndian, toByteOffset: 48, as: UInt64.self)
            buffer.storeBytes(of: second.words.2.bigEndian, toByteOffset: 56, as: UInt64.self)
            buffer.storeBytes(of: second.words.3.bigEndian, toByteOffset: 64, as: UInt64.self)
            for offset in stride(from: 72, to: 136, by: 8) {
                buffer.storeBytes(of: 0, toByteOffset: offset, as: UInt64.self)
            }
            buffer[72] = 0x80
            // The blocks are bytes 7 to 134, and end with 520.
            buffer[133] = 0x02
            buffer[134] = 0x08
            return Digest { digest in
                // An allocation of 136 bytes has a base address.
                prov_sha256_two_blocks(
                    UnsafeRawPointer(buffer.baseAddress! + 7).assumingMemoryBound(to: UInt8.self), digest)
            }
        }
    }
}
