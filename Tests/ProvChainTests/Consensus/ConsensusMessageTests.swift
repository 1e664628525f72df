import Testing

@testable import ProvChain

@Suite struct ConsensusMessageTests {
    private let story = ViewStory()
    private var block: BlockHeader { story.header(1) }

    /// CBOR `[epoch, view, kind, signer, parent view, block, signature]`.
    @Test func theBytesOfASignedVote() throws {
        let vote = story.vote(.notarize, 1, by: 2, block)
        let expected = try hex("87 00 01 01 02 00 58 20") + block.id.bytes + hex("58 40") + vote.signature
        #expect(vote.cbor == expected)
        #expect(try SignedVote(cbor: expected) == vote)
    }

    /// CBOR `[kind, epoch, view, parent view, block, bitmap, [signature, …]]`.
    @Test func theBytesOfACertificate() throws {
        let certificate = story.certificate(.nullify, 300, by: [0, 1, 3])
        var expected = try hex("87 02 00 19 012c 00 58 20") + Digest.zero.bytes + hex("41 0b 83")
        for signature in certificate.signatures { expected += try hex("58 40") + signature }
        #expect(certificate.cbor == expected)
        #expect(try Certificate(cbor: expected) == certificate)
    }

    /// CBOR `[number, content]`.
    @Test func everyMessageComesBackAsItWas() throws {
        let proposal = story.proposal(block, parentView: 0, certificates: [story.certificate(.nullify, 1)])
        let messages: [(ConsensusMessage, UInt8)] = [
            (.vote(story.vote(.finalize, 1, by: 1, block)), 1),
            (.certificate(story.certificate(.finalize, 1, block)), 2),
            (.proposal(proposal), 3), (.request(CertificateRequest(epoch: 0, first: 1, last: 9)), 4),
            (.page(CertificatePage([story.certificate(.nullify, 1)])), 5),
            (.greeting(Greeting(epoch: 0, view: 3, finalView: 2, yours: nil)), 6),
            (.greeting(Greeting(epoch: 0, view: 3, finalView: 2, yours: story.vote(.nullify, 1, by: 1))), 6),
            (
                .equivocation(
                    Equivocation(
                        story.vote(.finalize, 1, by: 1, block), story.vote(.nullify, 1, by: 1))), 7
            ),
        ]
        for (message, number) in messages {
            #expect(message.cbor[0] == 0x82 && message.cbor[1] == number)
            #expect(try ConsensusMessage(cbor: message.cbor) == message)
        }
        #expect(throws: CBORError.self) { try ConsensusMessage(cbor: [0x82, 0x08, 0x80]) }
    }

    @Test func votesThatMeanNothingAreNotRead() throws {
        let signature = try hex("58 40") + [UInt8](repeating: 1, count: 64)
        let (zero, one) = (try hex("58 20") + Digest.zero.bytes, try hex("58 20") + chain.bytes)
        let malformed: [[UInt8]] = [
            try hex("87 00 01 02 00 00") + one,  // a nullify of a block
            try hex("87 00 02 02 00 01") + zero,  // a nullify on a parent
            try hex("87 00 02 03 00 01") + one,  // a finalize on a parent
            try hex("87 00 02 01 00 02") + one,  // a parent in the same view
            try hex("87 00 00 02 00 00") + zero,  // view 0
            try hex("87 00 01 04 00 00") + one,  // no such kind
            try hex("87 00 01 01 18 32 00") + one,  // validator 50
            try hex("87 00 1b ffffffffffffffff 02 00 00") + zero,  // no view comes after it
        ]
        for bytes in malformed { #expect(throws: CBORError.self) { try SignedVote(cbor: bytes + signature) } }
    }

    private var chain: Digest { ViewStory.chain }

    @Test func aCertificateNeedsItsQuorumOfDifferentValidSignatures() throws {
        let good = story.certificate(.notarize, 1, block)
        _ = try story.committee.verify(good)
        func fault(_ signers: [UInt64], _ signatures: [[UInt8]], view: UInt64 = 1, epoch: UInt64 = 0) -> VoteFault? {
            let certificate = Certificate(
                kind: .notarize, epoch: epoch, view: view, parentView: 0, block: block.id, signers: signers,
                signatures: signatures)
            do throws(VoteFault) {
                _ = try story.committee.verify(certificate)
                return nil
            } catch { return error }
        }
        let all = good.signatures
        #expect(fault([1, 2, 3], all) == nil)
        #expect(fault([1, 2], Array(all.prefix(2))) == .noQuorum(found: 2, needed: 3))
        #expect(fault([1, 1, 2], [all[0], all[0], all[1]]) == .signersNotAscending)
        #expect(fault([1, 2, 4], all) == .unknownSigner(4))
        #expect(fault([0, 2, 3], all) == .badSignature(signer: 0))
        // The same votes under another view.
        #expect(fault([1, 2, 3], all, view: 2) == .badSignature(signer: 1))
        #expect(fault([1, 2, 3], all, epoch: 1) == .wrongEpoch(found: 1, expected: 0))
    }

    @Test func aProposalIsTheLeadersAndOfItsView() throws {
        func fault(_ proposal: Proposal) -> VoteFault? {
            do throws(VoteFault) {
                _ = try story.committee.verify(proposal)
                return nil
            } catch { return error }
        }
        #expect(fault(story.proposal(block, parentView: 0)) == nil)
        let stranger = Proposal(header: block, vote: story.vote(.notarize, 1, by: 2, block), certificates: [])
        #expect(fault(stranger) == .notTheLeader(found: 2, expected: 1))
        // Only an epoch's last block is proposed again.
        #expect(fault(story.proposal(block, view: 5, parentView: 1)) == .wrongHeader)
        #expect(fault(story.proposal(story.header(1, ends: true), view: 5, parentView: 1)) == nil)
        let other = Proposal(
            header: block, vote: story.vote(.notarize, 1, by: 1, story.header(1, salt: 3)), certificates: [])
        #expect(fault(other) == .wrongHeader)
    }

    @Test func aFinalizationIsWhatTheLogKeeps() throws {
        let certificate = story.certificate(.finalize, 4, block)
        let kept = try #require(certificate.finality)
        #expect(kept.view == 4 && kept.signers == [1, 2, 3])
        #expect(Certificate(kept, of: block) == certificate)
        #expect(story.certificate(.nullify, 4).finality == nil)
    }
}
