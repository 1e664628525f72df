import CSodium

/// libsodium's one-time start: it chooses code for this processor and opens its source of randomness.
enum Sodium {
    /// Touch before the first use of anything but plain Ed25519 verification.
    static let ready: Void = {
        precondition(sodium_init() >= 0, "libsodium did not start: no source of randomness")
    }()
}
