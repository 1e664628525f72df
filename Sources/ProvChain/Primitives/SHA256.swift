import CLibCrypto

/// SHA-256 (FIPS 180-4), the one hash of the protocol, by libcrypto with hardware instructions.
public struct SHA256: Sendable {
    private var state = prov_sha256_state()

    public init() { prov_sha256_init(&state) }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        prov_sha256_update(&state, base, bytes.count)
    }

    /// The digest of everything so far. The value must not be updated afterwards.
    public mutating func finalize() -> Digest {
        Digest { prov_sha256_final(&state, $0) }
    }

    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        Digest { prov_sha256(bytes.baseAddress, bytes.count, $0) }
    }

    public static func hash(_ bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { hash($0) }
    }
}
