import Testing

@testable import ProvChain

/// What another implementation made of the same keys and messages: `Tests/Foreign/wire/make_vectors.py`, with
/// noiseprotocol and cbor2.
@Suite struct ForeignWireTests {
    struct File: Decodable {
        struct Message: Decodable {
            let name, hex: String
        }

        struct Connection: Decodable {
            let chain, prologue, transcript, fromInitiator, fromResponder: String
            let handshake, frames: [String]
        }

        struct ChangeOfKeys: Decodable {
            let first: UInt64
            let digest, last: String
        }

        let messages: [Message]
        let connection: Connection
        let changeOfKeys: ChangeOfKeys
    }

    static func file() throws -> File { try ForeignVectors.decode("wire/vectors.json") }

    /// Both sides: we write what the other implementation wrote, and read it.
    @Test func aWholeConnectionHasTheSameBytes() throws {
        let foreign = try Self.file().connection
        #expect(Handshakes.chain.hex == foreign.chain)
        #expect(Wire.prologue(chain: Handshakes.chain) == (try hex(foreign.prologue)))
        let messages = try foreign.handshake.map { try hex($0) }
        let frames = try foreign.frames.map { try hex($0) }
        var initiator = try Handshakes.channel(.initiator)
        var responder = try Handshakes.channel(.responder)
        #expect(try initiator.start() == messages[0])
        #expect(try responder.receive(messages[0]).reply == messages[1])
        #expect(try initiator.receive(messages[1]).reply == messages[2])
        #expect(try responder.receive(messages[2]).established == Handshakes.secret("initiator").publicKey)
        #expect(try responder.receive(hex(foreign.fromInitiator)).frames == frames)
        #expect(try responder.send(frames) == hex(foreign.fromResponder))
        #expect(try initiator.receive(hex(foreign.fromResponder)).frames == frames)
    }

    @Test func keysChangeWhereTheyChangeThere() throws {
        let foreign = try Self.file()
        var initiator = try Handshakes.side(.initiator)
        var responder = try Handshakes.side(.responder)
        _ = try responder.read(initiator.write())
        _ = try initiator.read(responder.write())
        _ = try responder.read(initiator.write())
        var session = initiator.finish()
        #expect(session.transcript.hex == foreign.connection.transcript)
        for _ in 0..<foreign.changeOfKeys.first { _ = try session.seal([]) }
        var everything = SHA256()
        var last: [UInt8] = []
        for number in foreign.changeOfKeys.first...NoiseSession.messagesPerKey {
            last = try session.seal(withUnsafeBytes(of: UInt32(number).bigEndian) { Array($0) })
            everything.update(last)
        }
        #expect(everything.finalize().hex == foreign.changeOfKeys.digest)
        #expect(Hex.encode(last) == foreign.changeOfKeys.last)
    }

    /// Every kind, written and read, has the bytes that cbor2 gives it.
    @Test func everyMessageHasTheSameBytes() throws {
        let foreign = try Self.file().messages
        let ours = WireExamples.messages
        #expect(Set(ours.map(\.name)) == Set(foreign.map(\.name)) && ours.count == foreign.count)
        #expect(Set(ours.map(\.message.kind)) == Set(WireMessage.Kind.allCases))
        for (name, message) in ours {
            let expected = try hex(try #require(foreign.first { $0.name == name }).hex)
            #expect(Hex.encode(message.cbor) == Hex.encode(expected), "\(name)")
            #expect(try WireMessage(cbor: expected) == message, "\(name)")
        }
        print("vectors: wire messages \(ours.count) of \(foreign.count) as expected")
    }
}
