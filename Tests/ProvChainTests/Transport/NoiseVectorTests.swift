import Testing

@testable import ProvChain

/// The published vectors of other implementations (cacophony, snow): every message byte for byte, both ways.
@Suite(.enabled(if: PublishedVectors.arePresent, PublishedVectors.absence))
struct NoiseVectorTests {
    struct File: Decodable {
        struct Message: Decodable {
            let payload, ciphertext: String
        }

        struct Vector: Decodable {
            let protocolName, initPrologue, initStatic, initEphemeral, respPrologue, respStatic, respEphemeral: String
            let handshakeHash: String?
            let messages: [Message]

            enum CodingKeys: String, CodingKey {
                case protocolName = "protocol_name"
                case initPrologue = "init_prologue"
                case initStatic = "init_static"
                case initEphemeral = "init_ephemeral"
                case respPrologue = "resp_prologue"
                case respStatic = "resp_static"
                case respEphemeral = "resp_ephemeral"
                case handshakeHash = "handshake_hash"
                case messages
            }
        }

        let vectors: [Vector]
    }

    @Test func everyMessageIsAsPublished() throws {
        var (vectors, messages) = (0, 0)
        for path in try PublishedVectors.files("noise") {
            let file: File = try PublishedVectors.decode(path)
            for vector in file.vectors where vector.protocolName == NoiseHandshake.protocolName {
                try Self.check(vector)
                vectors += 1
                messages += vector.messages.count
            }
        }
        #expect(vectors == 2 && messages == 11)
        print(
            "vectors: noise \(NoiseHandshake.protocolName) \(vectors) of \(vectors), \(messages) messages as expected")
    }

    private static func check(_ vector: File.Vector) throws {
        var initiator = NoiseHandshake(
            role: .initiator, prologue: try hex(vector.initPrologue),
            identity: try IdentitySecret(secret: hex(vector.initStatic)),
            ephemeral: try IdentitySecret(secret: hex(vector.initEphemeral)))
        var responder = NoiseHandshake(
            role: .responder, prologue: try hex(vector.respPrologue),
            identity: try IdentitySecret(secret: hex(vector.respStatic)),
            ephemeral: try IdentitySecret(secret: hex(vector.respEphemeral)))
        for (number, message) in vector.messages.prefix(3).enumerated() {
            let (payload, ciphertext) = (try hex(message.payload), try hex(message.ciphertext))
            if number == 1 {
                #expect(try responder.write(payload: payload) == ciphertext)
                #expect(try initiator.read(ciphertext) == payload)
            } else {
                #expect(try initiator.write(payload: payload) == ciphertext)
                #expect(try responder.read(ciphertext) == payload)
            }
        }
        var first = initiator.finish()
        var second = responder.finish()
        #expect(first.transcript == second.transcript)
        if let hash = vector.handshakeHash { #expect(first.transcript.hex == hash) }
        // The sides go on taking turns: after three messages it is the responder's.
        for (number, message) in vector.messages.enumerated().dropFirst(3) {
            let (payload, ciphertext) = (try hex(message.payload), try hex(message.ciphertext))
            if number.isMultiple(of: 2) {
                #expect(try first.seal(payload) == ciphertext)
                #expect(try second.open(ciphertext) == payload)
            } else {
                #expect(try second.seal(payload) == ciphertext)
                #expect(try first.open(ciphertext) == payload)
            }
        }
    }
}
