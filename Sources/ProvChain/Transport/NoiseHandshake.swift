/// Two strangers become two known parties: Noise_XX_25519_ChaChaPoly_SHA256, three messages.
///
///     initiator                       responder
///         ── e ──────────────────────────▶          32 bytes
///         ◀──────────── e, ee, s, es ──────          96 bytes
///         ── s, se ──────────────────────▶          64 bytes
///
/// Each side proves that it holds the secret of its identity, without signing anything and without showing
/// the identity to a listener. Which identities are welcome is decided by ``SecureChannel``.
///
/// A value without input or output: the secret of the ephemeral key comes in, 32 random bytes used once.
/// After an error nothing more is read or written.
///
/// Source: The Noise Protocol Framework, revision 34.
public struct NoiseHandshake: ~Copyable, Sendable {
    /// Who speaks first.
    public enum Role: Hashable, Sendable { case initiator, responder }

    public let role: Role
    private let identity: IdentitySecret
    private let ephemeral: IdentitySecret
    private var remoteEphemeral: IdentityKey?
    /// The peer's identity, once it is known: for the initiator after the second message.
    public private(set) var remoteIdentity: IdentityKey?
    private var symmetric: NoiseSymmetric
    /// Messages written and read.
    private var messages = 0
    private var hasFailed = false

    static let protocolName = "Noise_XX_25519_ChaChaPoly_SHA256"
    static let messageCount = 3

    /// - Parameters:
    ///   - prologue: what both sides must agree on; see ``Wire/prologue(chain:)``.
    ///   - ephemeral: of 32 fresh random bytes.
    public init(role: Role, prologue: [UInt8], identity: IdentitySecret, ephemeral: IdentitySecret) {
        self.role = role
        self.identity = identity
        self.ephemeral = ephemeral
        symmetric = NoiseSymmetric(protocolName: Self.protocolName)
        symmetric.mix(hash: prologue)
    }

    public var isComplete: Bool { messages == Self.messageCount }

    /// True if the next message is this side's to write.
    public var isMyTurn: Bool { !isComplete && messages.isMultiple(of: 2) == (role == .initiator) }

    /// Bytes of the next message if its payload is empty.
    public var nextMessageBytes: Int {
        switch messages {
        case 0: NoiseKey.byteCount
        case 1: 2 * NoiseKey.byteCount + 2 * NoiseCipher.tagByteCount
        default: NoiseKey.byteCount + 2 * NoiseCipher.tagByteCount
        }
    }

    /// The next message; a payload of the first one is sent in the clear, of the second to anybody.
    public mutating func write(payload: [UInt8] = []) throws(NoiseError) -> [UInt8] {
        precondition(isMyTurn, "message \(messages) of the handshake is the peer's")
        precondition(
            nextMessageBytes + payload.count <= NoiseSession.messageBytes, "a payload of \(payload.count) bytes")
        guard !hasFailed else { throw .failedBefore }
        var message: [UInt8] = []
        if messages < 2 {
            message += ephemeral.publicKey.bytes
            symmetric.mix(hash: ephemeral.publicKey.bytes)
        }
        if messages == 1 { mixSharedSecret(.ephemeralEphemeral) }
        if messages > 0 {
            message += try symmetric.seal(identity.publicKey.bytes)
            mixSharedSecret(messages == 1 ? .ephemeralStatic : .staticEphemeral)
        }
        message += try symmetric.seal(payload)
        messages += 1
        return message
    }

    /// Takes the peer's next message, and gives its payload.
    public mutating func read(_ message: [UInt8]) throws(NoiseError) -> [UInt8] {
        precondition(!isMyTurn && !isComplete, "message \(messages) of the handshake is not the peer's")
        guard !hasFailed else { throw .failedBefore }
        let possible = nextMessageBytes...NoiseSession.messageBytes
        hasFailed = true
        guard possible.contains(message.count) else { throw .wrongLength(expected: possible, found: message.count) }
        var rest = message[...]
        if messages < 2 {
            let key = Array(rest.prefix(NoiseKey.byteCount))
            remoteEphemeral = try Self.key(key)
            symmetric.mix(hash: key)
            rest = rest.dropFirst(NoiseKey.byteCount)
        }
        if messages == 1 { mixSharedSecret(.ephemeralEphemeral) }
        if messages > 0 {
            let sealed = rest.prefix(NoiseKey.byteCount + NoiseCipher.tagByteCount)
            remoteIdentity = try Self.key(try symmetric.open(Array(sealed)))
            mixSharedSecret(messages == 1 ? .ephemeralStatic : .staticEphemeral)
            rest = rest.dropFirst(sealed.count)
        }
        let payload = try symmetric.open(Array(rest))
        hasFailed = false
        messages += 1
        return payload
    }

    /// The keys of the connection, once the handshake is complete.
    public consuming func finish() -> NoiseSession {
        precondition(isComplete && !hasFailed, "\(messages) messages are not a handshake")
        guard let peer = remoteIdentity else { preconditionFailure("a complete handshake without an identity") }
        let (side, transcript) = (role, symmetric.hash)
        return NoiseSession(peer: peer, transcript: transcript, keys: symmetric.split(), role: side)
    }

    private static func key(_ bytes: [UInt8]) throws(NoiseError) -> IdentityKey {
        do throws(KeyError) {
            return try IdentityKey(bytes: bytes)
        } catch {
            throw .badKey(error)
        }
    }

    // MARK: Shared secrets

    /// Whose keys meet: the first word is the initiator's, the second the responder's.
    private enum Agreement { case ephemeralEphemeral, ephemeralStatic, staticEphemeral }

    private mutating func mixSharedSecret(_ agreement: Agreement) {
        let usesOwnIdentity: Bool
        let usesTheirIdentity: Bool
        switch (agreement, role) {
        case (.ephemeralEphemeral, _): (usesOwnIdentity, usesTheirIdentity) = (false, false)
        case (.ephemeralStatic, .initiator), (.staticEphemeral, .responder):
            (usesOwnIdentity, usesTheirIdentity) = (false, true)
        case (.staticEphemeral, .initiator), (.ephemeralStatic, .responder):
            (usesOwnIdentity, usesTheirIdentity) = (true, false)
        }
        guard let theirs = usesTheirIdentity ? remoteIdentity : remoteEphemeral else {
            preconditionFailure("message \(messages) needs a key that did not come before it")
        }
        var shared = (usesOwnIdentity ? identity : ephemeral).sharedSecret(with: theirs)
        symmetric.mix(key: shared)
        Sodium.erase(&shared)
    }
}
