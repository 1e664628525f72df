import Testing

@testable import ProvChain

@Suite struct CertificateTests {
    @Test func aQuorumIsMoreThanTwoThirds() {
        let sizes = [1: 1, 2: 2, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5, 10: 7, 49: 33, 50: 34]
        for (validators, quorum) in sizes { #expect(Quorum.size(of: validators) == quorum, "\(validators)") }
    }

    /// CBOR `["provchain/vote/1", chain, epoch record, epoch, view, kind, signer, parent view, block]`.
    @Test func theBytesOfAVote() throws {
        let (a, b, c) = (SHA256.hash([1]), SHA256.hash([2]), SHA256.hash([3]))
        let vote = Vote(
            chain: a, epochRecord: b, epoch: 1, view: 300, kind: .finalize, signer: 24, parentView: 0, block: c)
        let expected =
            try hex("89 70") + Array("provchain/vote/1".utf8) + hex("58 20") + a.bytes + hex("58 20") + b.bytes
            + hex("01 19 012c 03 18 18 00 58 20") + c.bytes
        #expect(vote.message == expected)
        let notarize = Vote(
            chain: a, epochRecord: b, epoch: 1, view: 300, kind: .notarize, signer: 24, parentView: 299, block: c)
        #expect(notarize.message.count == expected.count + 2)
        let nullify = Vote(
            chain: a, epochRecord: b, epoch: 1, view: 300, kind: .nullify, signer: 24, parentView: 0, block: .zero)
        #expect(nullify.message != expected)
    }

    /// CBOR `[view, bitmap, [signature, …]]`, the least significant bit first.
    @Test func theBytesOfACertificate() throws {
        let signatures = (0..<3).map { [UInt8](repeating: $0, count: 64) }
        let certificate = FinalityCertificate(view: 5, signers: [0, 3, 8], signatures: signatures)
        let expected =
            try hex("83 05 42 09 01 83 5840") + signatures[0] + hex("5840") + signatures[1] + hex("5840")
            + signatures[2]
        #expect(certificate.cbor == expected)
        #expect(try FinalityCertificate(cbor: expected) == certificate)
    }

    @Test(arguments: [
        "83 05 42 09 00 80", "83 05 41 03 80", "83 05 40 81 5840", "83 05 48 0000000000000001 80", "82 05 40",
    ])
    func aBitmapThatDisagreesIsNotRead(_ text: String) throws {
        var bytes = try hex(text)
        if text.hasSuffix("5840") { bytes += [UInt8](repeating: 0, count: 64) }
        #expect(throws: CBORError.self) { try FinalityCertificate(cbor: bytes) }
    }

    @Test func eachFaultHasItsName() throws {
        let chain = try BundleStory.four.get().chain
        let (header, epoch) = (chain.ledger.tip.header, chain.file.genesis.firstEpoch)
        let good = chain.certificate(of: header, by: [0, 2, 3])
        try good.verify(header, epoch: epoch)
        func fault(
            _ certificate: FinalityCertificate, _ header: BlockHeader, _ epoch: EpochRecord
        ) -> FinalityCertificate.Fault? {
            do throws(FinalityCertificate.Fault) {
                try certificate.verify(header, epoch: epoch)
                return nil
            } catch { return error }
        }
        #expect(fault(good, header, epoch.successor(boundary: .zero)) == .wrongEpoch)
        #expect(fault(good, header.with(epoch: 1), epoch) == .wrongEpoch)
        #expect(
            fault(chain.certificate(of: header, by: [0, 2, 3], view: 0), header, epoch)
                == .viewBeforeProposal(view: 0, proposed: header.view))
        #expect(fault(chain.certificate(of: header, by: [0, 2]), header, epoch) == .noQuorum(found: 2, needed: 3))
        #expect(
            fault(
                FinalityCertificate(view: good.view, signers: [0, 2, 4], signatures: good.signatures), header, epoch)
                == .unknownSigner(4))
        #expect(
            fault(
                FinalityCertificate(view: good.view, signers: [0, 2, 2], signatures: good.signatures), header, epoch)
                == .signersNotAscending)
        #expect(
            fault(
                FinalityCertificate(view: good.view, signers: [0, 1, 3], signatures: good.signatures), header, epoch)
                == .badSignature(signer: 1))
        #expect(fault(good, header.with(stateRoot: .zero), epoch) == .badSignature(signer: 0))
    }
}
