/// One connection to another node, from the first byte on: bytes in, bytes and frames out.
///
/// A value without input or output. Who feeds it closes the connection at the first error, and when the
/// handshake takes longer than ``Wire/handshakeMilliseconds``.
///
/// An identity that is not welcome gets nothing beyond the handshake: who dials sends no third message to a
/// stranger, so the stranger does not learn who called; who is called sends nothing after it.
///
/// Before the handshake is complete, a peer makes this side hold at most 98 bytes.
public struct SecureChannel: ~Copyable, Sendable {
    private var handshake: NoiseHandshake?
    private var session: NoiseSession?
    private let welcome: Set<IdentityKey>
    private var records = RecordReader()
    private var frames = FrameReader()
    private var hasFailed = false

    /// What came of some bytes.
    public struct Received: Sendable {
        /// Bytes to send now.
        public var reply: [UInt8] = []
        /// The peer's identity, if the handshake was completed by these bytes.
        public var established: IdentityKey?
        /// Whole frames, in order.
        public var frames: [[UInt8]] = []
    }

    /// - Parameters:
    ///   - welcome: identities that may be at the other end; who dials a node welcomes only that one.
    ///   - ephemeral: of 32 fresh random bytes.
    public init(
        role: NoiseHandshake.Role, chain: Digest, identity: IdentitySecret, ephemeral: IdentitySecret,
        welcome: Set<IdentityKey>
    ) {
        handshake = NoiseHandshake(
            role: role, prologue: Wire.prologue(chain: chain), identity: identity, ephemeral: ephemeral)
        self.welcome = welcome
    }

    /// The peer, once the handshake is complete.
    public private(set) var peer: IdentityKey?

    /// Bytes that wait for the rest of their message or frame.
    public var pendingBytes: Int { records.pendingBytes + frames.pendingBytes }

    /// What to send when the connection is made: the initiator's first message, or nothing.
    public mutating func start() throws(ChannelError) -> [UInt8] {
        guard handshake?.isMyTurn == true else { return [] }
        return try answer()
    }

    /// Takes bytes from the connection. After an error nothing more is taken.
    public mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(ChannelError) -> Received {
        guard !hasFailed else { throw .noise(.failedBefore) }
        hasFailed = true
        records.append(bytes)
        var received = Received()
        while let message = try records.next(possibleLengths) {
            if session == nil {
                try advance(message, &received)
            } else {
                received.frames += try frames.append(try open(message))
            }
        }
        hasFailed = false
        return received
    }

    public mutating func receive(_ bytes: [UInt8]) throws(ChannelError) -> Received {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(ChannelError) in try receive(bytes) }
    }

    /// Seals frames, in order, each of 1 to ``Wire/frameBytes`` bytes: what to send for them.
    public mutating func send(_ outgoing: [[UInt8]]) throws(ChannelError) -> [UInt8] {
        precondition(session != nil, "frames before the handshake is complete")
        let total = outgoing.reduce(0) { $0 + $1.count + FrameReader.headBytes }
        var plain: [UInt8] = []
        plain.reserveCapacity(min(total, NoiseSession.plainBytes))
        var sealed: [UInt8] = []
        sealed.reserveCapacity(total + (total / NoiseSession.plainBytes + 1) * Self.recordOverhead)
        for frame in outgoing {
            for part in [FrameReader.head(frame.count), frame] {
                var rest = part[...]
                while !rest.isEmpty {
                    let taken = rest.prefix(NoiseSession.plainBytes - plain.count)
                    plain += taken
                    rest = rest.dropFirst(taken.count)
                    if plain.count == NoiseSession.plainBytes { try seal(&plain, to: &sealed) }
                }
            }
        }
        if !plain.isEmpty { try seal(&plain, to: &sealed) }
        return sealed
    }

    private static let recordOverhead = RecordReader.headBytes + NoiseCipher.tagByteCount

    private var possibleLengths: ClosedRange<Int> {
        // A message that carries nothing has no use but to keep its receiver busy.
        mutating get {
            if session != nil { return (NoiseCipher.tagByteCount + 1)...NoiseSession.messageBytes }
            guard let count = handshake?.nextMessageBytes else { preconditionFailure("a channel in no state") }
            return count...count
        }
    }

    private mutating func advance(_ message: [UInt8], _ received: inout Received) throws(ChannelError) {
        do throws(NoiseError) {
            _ = try handshake?.read(message)
        } catch {
            throw .noise(error)
        }
        if let remote = handshake?.remoteIdentity, !welcome.contains(remote) { throw .notWelcome(remote) }
        if handshake?.isMyTurn == true { received.reply += try answer() }
        if handshake?.isComplete == true { received.established = establish() }
    }

    private mutating func answer() throws(ChannelError) -> [UInt8] {
        do throws(NoiseError) {
            guard let message = try handshake?.write() else { preconditionFailure("no handshake to write for") }
            return RecordReader.head(message.count) + message
        } catch {
            throw .noise(error)
        }
    }

    private mutating func establish() -> IdentityKey {
        guard let complete = handshake.take() else { preconditionFailure("no handshake to complete") }
        let made = complete.finish()
        let proved = made.peer
        session = consume made
        peer = proved
        return proved
    }

    private mutating func open(_ message: [UInt8]) throws(ChannelError) -> [UInt8] {
        do throws(NoiseError) {
            guard let plain = try session?.open(message) else { preconditionFailure("no session to open with") }
            return plain
        } catch {
            throw .noise(error)
        }
    }

    private mutating func seal(_ plain: inout [UInt8], to output: inout [UInt8]) throws(ChannelError) {
        do throws(NoiseError) {
            guard let message = try session?.seal(plain) else { preconditionFailure("no session to seal with") }
            output += RecordReader.head(message.count)
            output += message
            plain.removeAll(keepingCapacity: true)
        } catch {
            throw .noise(error)
        }
    }
}
