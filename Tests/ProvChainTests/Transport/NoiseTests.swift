import Testing

@testable import ProvChain

@Suite struct NoiseTests {
    /// The three messages of a good handshake.
    private static func transcript() throws -> [[UInt8]] {
        var initiator = try Handshakes.side(.initiator)
        var responder = try Handshakes.side(.responder)
        let first = try initiator.write()
        _ = try responder.read(first)
        let second = try responder.write()
        _ = try initiator.read(second)
        return [first, second, try initiator.write()]
    }

    @Test func bothSidesLearnEachOthersIdentity() throws {
        var initiator = try Handshakes.side(.initiator)
        var responder = try Handshakes.side(.responder)
        #expect(initiator.isMyTurn && !responder.isMyTurn)
        #expect(try responder.read(initiator.write()) == [])
        #expect(initiator.remoteIdentity == nil && responder.remoteIdentity == nil)
        #expect(try initiator.read(responder.write()) == [])
        #expect(try initiator.remoteIdentity == Handshakes.secret("responder").publicKey)
        #expect(responder.remoteIdentity == nil && !initiator.isComplete)
        #expect(try responder.read(initiator.write()) == [])
        #expect(try responder.remoteIdentity == Handshakes.secret("initiator").publicKey)
        #expect(initiator.isComplete && responder.isComplete && !initiator.isMyTurn && !responder.isMyTurn)
        var first = initiator.finish()
        var second = responder.finish()
        #expect(first.transcript == second.transcript)
        #expect(try second.open(first.seal([1, 2, 3])) == [1, 2, 3])
        #expect(try first.open(second.seal([])) == [])
    }

    @Test func theLengthsAreThoseOfThePattern() throws {
        #expect(try Self.transcript().map(\.count) == [32, 96, 64])
    }

    /// One changed bit anywhere ends the handshake with the message that has it, or with the next one. That holds
    /// for the top bit of a public key too: it is not part of the number (RFC 7748), but it is hashed.
    @Test func noChangedBitPasses() throws {
        for (number, length) in [32, 96, 64].enumerated() {
            for bit in stride(from: 0, to: length * 8, by: 5) {
                var initiator = try Handshakes.side(.initiator)
                var responder = try Handshakes.side(.responder)
                #expect(throws: NoiseError.self, "message \(number), bit \(bit)") {
                    for turn in 0..<3 {
                        var message = try turn == 1 ? responder.write() : initiator.write()
                        if turn == number { message[bit / 8] ^= 1 << (bit % 8) }
                        _ = try turn == 1 ? initiator.read(message) : responder.read(message)
                    }
                }
            }
        }
    }

    @Test func anotherChainOrWireVersionDoesNotConnect() throws {
        for prologue in [
            Wire.prologue(chain: SHA256.hash([])), Wire.prologue(chain: Handshakes.chain, version: Wire.version + 1),
            [],
        ] {
            var initiator = try Handshakes.side(.initiator)
            var responder = try Handshakes.side(.responder, prologue: prologue)
            _ = try responder.read(initiator.write())
            let second = try responder.write()
            #expect(throws: NoiseError.notAuthentic) { try initiator.read(second) }
        }
    }

    @Test func thePrologueHasTheseBytes() throws {
        let chain = Digest.zero
        let expected = try hex(
            "83 70 70726f76636861696e2f776972652f31 5820" + String(repeating: "00", count: 32) + "01")
        #expect(Wire.prologue(chain: chain) == expected)
    }

    @Test func shortMessagesAreRefused() throws {
        let messages = try Self.transcript()
        for count in 0..<32 {
            var responder = try Handshakes.side(.responder)
            #expect(throws: NoiseError.wrongLength(expected: 32...65_535, found: count)) {
                try responder.read(Array(messages[0].prefix(count)))
            }
        }
        for count in 0..<96 {
            var initiator = try Handshakes.side(.initiator)
            _ = try initiator.write()
            #expect(throws: NoiseError.wrongLength(expected: 96...65_535, found: count)) {
                try initiator.read(Array(messages[1].prefix(count)))
            }
        }
    }

    @Test func aKeyOfSmallOrderIsRefused() throws {
        for key in [[UInt8](repeating: 0, count: 32), [1] + [UInt8](repeating: 0, count: 31)] {
            var responder = try Handshakes.side(.responder)
            #expect(throws: NoiseError.badKey(.smallOrder)) { try responder.read(key) }
        }
    }

    @Test func nothingIsReadAfterAnError() throws {
        let messages = try Self.transcript()
        var responder = try Handshakes.side(.responder)
        #expect(throws: NoiseError.self) { try responder.read([]) }
        #expect(throws: NoiseError.failedBefore) { try responder.read(messages[0]) }
        var sender = try Handshakes.session(.initiator, counter: 0)
        var receiver = try Handshakes.session(.responder, counter: 0)
        let sealed = try sender.seal([1])
        #expect(throws: NoiseError.notAuthentic) { try receiver.open([0] + sealed) }
        #expect(throws: NoiseError.failedBefore) { try receiver.open(sealed) }
    }

    // MARK: The open connection

    @Test func aMessageOpensOnceAndInItsOrder() throws {
        var sender = try Handshakes.session(.initiator, counter: 0)
        let (first, second) = (try sender.seal([1]), try sender.seal([2]))
        var receiver = try Handshakes.session(.responder, counter: 0)
        #expect(throws: NoiseError.notAuthentic) { try receiver.open(second) }
        receiver = try Handshakes.session(.responder, counter: 0)
        #expect(try receiver.open(first) == [1])
        #expect(throws: NoiseError.notAuthentic) { try receiver.open(first) }
        // Nobody's own message comes back as the peer's.
        var mirrored = try Handshakes.session(.initiator, counter: 0)
        #expect(throws: NoiseError.notAuthentic) { try mirrored.open(first) }
    }

    @Test func messagesHaveTheSizesOfNoise() throws {
        var sender = try Handshakes.session(.initiator, counter: 0)
        var receiver = try Handshakes.session(.responder, counter: 0)
        let largest = [UInt8](repeating: 9, count: NoiseSession.plainBytes)
        let sealed = try sender.seal(largest)
        #expect(sealed.count == 65_535)
        #expect(try receiver.open(sealed) == largest)
        #expect(throws: NoiseError.wrongLength(expected: 16...65_535, found: 65_536)) {
            try receiver.open([UInt8](repeating: 0, count: 65_536))
        }
        receiver = try Handshakes.session(.responder, counter: 0)
        #expect(throws: NoiseError.wrongLength(expected: 16...65_535, found: 15)) {
            try receiver.open([UInt8](repeating: 0, count: 15))
        }
    }

    @Test func bothSidesChangeKeysAtTheSameMessage() throws {
        let last = NoiseSession.messagesPerKey - 1
        var sender = try Handshakes.session(.initiator, counter: last)
        var receiver = try Handshakes.session(.responder, counter: last)
        var unchanged = try Handshakes.session(.responder, counter: last + 1)
        #expect(try receiver.open(sender.seal([1])) == [1])
        let next = try sender.seal([2])
        #expect(throws: NoiseError.notAuthentic, "the key is another one") { try unchanged.open(next) }
        #expect(try receiver.open(next) == [2])
        // The other direction has a count of its own.
        #expect(try sender.open(receiver.seal([3])) == [3])
    }

    @Test func theLastNumberIsNeverUsed() throws {
        var sender = try Handshakes.session(.initiator, counter: .max - 1)
        var receiver = try Handshakes.session(.responder, counter: .max - 1)
        let sealed = try sender.seal([1])
        #expect(try receiver.open(sealed) == [1])
        #expect(throws: NoiseError.countersExhausted) { try sender.seal([2]) }
        #expect(throws: NoiseError.countersExhausted) { try receiver.open(sealed) }
    }
}
