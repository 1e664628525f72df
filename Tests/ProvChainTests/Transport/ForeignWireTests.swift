import Testing

@testable import ProvChain

/// What another implementation made of the same keys and messages: `Tests/Foreign/wire/make_vectors.py`, with
/// noiseprotocol and cbor2.
@Suite struct ForeignWireTests {
    struct File: Decodable {
        struct Message: Decodable {
            let name, hex: String
        }

        struct Block: Decodable {
            let name, rule, hex: String
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
        let blocks: [Block]
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

    /// Proposals, blocks and certified headers too, which travel as byte strings in those messages.
    @Test func everyBlockHasTheSameBytes() throws {
        let foreign = try Self.file().blocks
        func check<Part: CBORCodable & Equatable>(_ name: String, _ rule: String, _ ours: Part) throws {
            let found = try #require(foreign.first { $0.name == name && $0.rule == rule })
            #expect(Hex.encode(ours.cbor) == found.hex, "\(name)")
            #expect(try Part(cbor: hex(found.hex)) == ours, "\(name)")
        }
        let examples = BlockExamples()
        for (name, proposal) in examples.proposals { try check(name, "compact-proposal", proposal) }
        for (name, block) in examples.blocks { try check(name, "full-block", block) }
        for (name, header) in examples.headers { try check(name, "certified-header", header) }
        #expect(foreign.count == examples.proposals.count + examples.blocks.count + examples.headers.count)
        // The other implementation computed the ids that the leaders' votes name.
        #expect(examples.proposals.allSatisfy { $0.value.proposal.vote.block == $0.value.proposal.block })
        print("vectors: blocks between nodes \(foreign.count) as expected")
    }
}

/// The values of `blocks()` in `make_vectors.py`. Nothing is signed: signatures are two hashes.
private struct BlockExamples {
    let proposals: [(name: String, value: CompactProposal)]
    let blocks: [(name: String, value: FullBlock)]
    let headers: [(name: String, value: CertifiedHeader)]

    private static func digest(_ name: String) -> Digest { SHA256.hash(Array(name.utf8)) }

    private static func signature(_ name: String) -> [UInt8] {
        digest(name).bytes + digest(name + ", second half").bytes
    }

    private static func header(view: UInt64, next: Digest? = nil) -> BlockHeader {
        BlockHeader(
            chain: Handshakes.chain, epoch: 2, height: 300, view: view, parent: digest("parent"),
            time: 1_800_000_000_000, proposer: 3, historySize: 70_000, historyRoot: digest("history"),
            stateRoot: digest("state"), epochRecord: digest("epoch"), nextEpochRecord: next)
    }

    private static func vote(_ header: BlockHeader, view: UInt64, parentView: UInt64, _ name: String) -> SignedVote {
        let vote = Vote(
            chain: header.chain, epochRecord: header.epochRecord, epoch: 2, view: view, kind: .notarize, signer: 3,
            parentView: parentView, block: header.id)
        return SignedVote(vote, signature: signature(name))
    }

    init() {
        let first = Self.header(view: 301)
        let last = Self.header(view: 23, next: Self.digest("next epoch"))
        let notarization = Certificate(
            kind: .notarize, epoch: 2, view: 299, parentView: 298, block: Self.digest("parent"), signers: [0, 1, 3],
            signatures: [0, 1, 3].map { Self.signature("notarize \($0)") })
        let nullification = Certificate(
            kind: .nullify, epoch: 2, view: 300, parentView: 0, block: .zero, signers: [9],
            signatures: [Self.signature("nullify 9")])
        let proposal = Proposal(
            header: first, vote: Self.vote(first, view: 301, parentView: 299, "vote"),
            certificates: [notarization, nullification])
        let again = Proposal(
            header: last, vote: Self.vote(last, view: 302, parentView: 23, "vote again"), certificates: [])
        let finality = FinalityCertificate(
            view: 301, signers: [1, 2, 3], signatures: [1, 2, 3].map { Self.signature("finalize \($0)") })
        proposals = [
            ("proposal", CompactProposal(proposal, leafHashes: ["one", "two"].map(Self.digest))),
            ("proposal of an epoch's last block again", CompactProposal(again, leafHashes: [])),
        ]
        blocks = [
            (
                "full block",
                FullBlock(
                    header: first,
                    statements: [Array("first".utf8), [UInt8](repeating: UInt8(ascii: "a"), count: 256)])
            ),
            ("full block without statements", FullBlock(header: last, statements: [])),
        ]
        headers = [
            ("certified header", CertifiedHeader(header: first, finality: finality)),
            ("header that a later one certifies", CertifiedHeader(header: last, finality: nil)),
        ]
    }
}
