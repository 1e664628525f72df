import CSodium

/// What libsodium needs before, and what is done with secrets after.
enum Sodium {
    /// libsodium's one-time start: it chooses code for this processor and opens its source of randomness.
    /// Touch before the first use of anything but plain Ed25519 verification.
    static let ready: Void = {
        precondition(sodium_init() >= 0, "libsodium did not start: no source of randomness")
    }()

    /// Overwrites a secret in a way that the compiler does not remove.
    static func erase(_ secret: inout [UInt8]) {
        secret.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) }
    }
}
