import ProvChain
import Testing

@testable import ProvNode

/// What a node that is behind takes for proven.
@Suite(.serialized) struct CertifiedChainTests {
    private static let count = 3 * CertifiedChain.stopBlocks

    /// A view so high that whoever believed in it would never vote again.
    private static let huge = UInt64(1) << 60

    @Test(.timeLimit(.minutes(1))) func onlyCertificatesThatAreCheckedAreKept() async throws {
        var scene = try await HostileScene()
        let tip = scene.ledger.tip
        let good = try scene.chain(of: Self.count)
        let chain = try #require(try CertifiedChain(good.map(\.cbor), after: tip))
        #expect(chain.stops == [7, 15, 23])
        #expect(chain.headers.map(\.header) == good.map(\.header))
        for (place, header) in chain.headers.enumerated() {
            #expect((header.finality != nil) == chain.stops.contains(place))
        }
        #expect(chain.stops.allSatisfy { chain.isProven(at: $0) } && !chain.isProven(at: 0))
        // What comes after the last certificate has to wait for the next.
        let open = good.map { $0.header.height > 20 ? CertifiedHeader(header: $0.header, finality: nil) : $0 }
        #expect(try CertifiedChain(open.map(\.cbor), after: tip)?.headers.count == 20)
        let bare = good.map { CertifiedHeader(header: $0.header, finality: nil) }
        #expect(try CertifiedChain(bare.map(\.cbor), after: tip) == nil)
        #expect(try CertifiedChain(good.dropFirst().map(\.cbor), after: tip) == nil)
        #expect(throws: CBORError.self) { try CertifiedChain([[0x80]], after: tip) }
        try await scene.consortium.stopAll()
    }

    /// The last certificate is right, and one between says a view that nobody was in.
    @Test(.timeLimit(.minutes(1)), arguments: [6, 7, 15])
    func aForgedCertificateInBetweenMovesNothing(place: Int) async throws {
        var scene = try await HostileScene()
        var headers = try scene.chain(of: Self.count)
        let finality = scene.finality(of: headers[place].header, view: UInt64(place) + 1)
        headers[place] = CertifiedHeader(
            header: headers[place].header,
            finality: FinalityCertificate(
                view: Self.huge, signers: finality.signers, signatures: finality.signatures))
        let (node, liar) = (scene.node, scene)
        await liar.connect(1)
        await node.startCatchUp(to: nil)
        try await TestConsortium.wait(for: "the question") { await node.catchUp.openQuestions == 1 }
        // One that is no stop is dropped and does no harm; the others tell on their sender.
        let isStop = place != 6
        await node.take(
            .received(.ranged(RangeAnswer(number: 1, items: headers.map(\.cbor))), from: liar.identity(1), bytes: 1))
        if isStop {
            try await TestConsortium.wait(for: "the end of the talk") { await liar.isBlocked(1) }
        } else {
            try await TestConsortium.wait(for: "the aim") { await node.catchUp.target == UInt64(Self.count) }
            #expect(await !liar.isBlocked(1))
        }
        #expect(await node.consensus.finalView == 0)
        #expect(await node.height == 0)
        try await scene.consortium.stopAll()
    }
}
