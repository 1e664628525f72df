import CSodium

/// The operating system's randomness, through libsodium.
///
/// For the shell and the command line only: everything else in this library takes random bytes as
/// arguments, so that it can be replayed.
public enum SystemRandom {
    public static func bytes(_ count: Int) -> [UInt8] {
        precondition(count >= 0, "\(count) random bytes")
        _ = Sodium.ready
        var bytes = [UInt8](repeating: 0, count: count)
        randombytes_buf(&bytes, count)
        return bytes
    }
}
