/// An open connection's keys: one for each direction, each message numbered, keys changed on the way.
///
/// After ``messagesPerKey`` messages of a direction its key is replaced (Noise specification section 11.3),
/// on both sides at the same message and without a word: whoever steals a key from memory reads nothing that
/// was sent before the last change.
///
/// Messages arrive in the order in which they were sealed, or not at all: TCP keeps order, and what does not
/// open ends the connection.
public struct NoiseSession: ~Copyable, Sendable {
    /// The identity that the peer has proved to hold.
    public let peer: IdentityKey
    /// The hash of the handshake: equal on both sides, and of no other connection.
    public let transcript: Digest
    private var sending: NoiseCipher
    private var receiving: NoiseCipher
    private var hasFailed = false

    /// Bytes of a message, by the Noise specification.
    public static let messageBytes = 65_535
    /// Bytes that one message carries.
    public static let plainBytes = messageBytes - NoiseCipher.tagByteCount
    /// Messages of one direction between two changes of its key.
    public static let messagesPerKey: UInt64 = 1 << 16

    /// `counter` is 0 but in tests: both directions' first number.
    init(
        peer: IdentityKey, transcript: Digest, keys: consuming NoiseKeyPair, role: NoiseHandshake.Role,
        counter: UInt64 = 0
    ) {
        self.peer = peer
        self.transcript = transcript
        switch role {
        case .initiator:
            sending = NoiseCipher(key: keys.first, counter: counter)
            receiving = NoiseCipher(key: keys.second, counter: counter)
        case .responder:
            sending = NoiseCipher(key: keys.second, counter: counter)
            receiving = NoiseCipher(key: keys.first, counter: counter)
        }
    }

    /// Seals at most ``plainBytes`` bytes.
    public mutating func seal(_ plain: UnsafeRawBufferPointer) throws(NoiseError) -> [UInt8] {
        precondition(plain.count <= Self.plainBytes, "\(plain.count) bytes in one message")
        let sealed = try sending.seal(plain, associated: [])
        if sending.counter.isMultiple(of: Self.messagesPerKey) { sending.rekey() }
        return sealed
    }

    /// Opens the peer's next message. After an error nothing more is opened.
    public mutating func open(_ sealed: UnsafeRawBufferPointer) throws(NoiseError) -> [UInt8] {
        guard !hasFailed else { throw .failedBefore }
        hasFailed = true
        let possible = NoiseCipher.tagByteCount...Self.messageBytes
        guard possible.contains(sealed.count) else { throw .wrongLength(expected: possible, found: sealed.count) }
        let plain = try receiving.open(sealed, associated: [])
        if receiving.counter.isMultiple(of: Self.messagesPerKey) { receiving.rekey() }
        hasFailed = false
        return plain
    }

    public mutating func seal(_ plain: [UInt8]) throws(NoiseError) -> [UInt8] {
        try plain.span.bytes.withUnsafeBytes { bytes throws(NoiseError) in try seal(bytes) }
    }

    public mutating func open(_ sealed: [UInt8]) throws(NoiseError) -> [UInt8] {
        try sealed.span.bytes.withUnsafeBytes { bytes throws(NoiseError) in try open(bytes) }
    }
}
