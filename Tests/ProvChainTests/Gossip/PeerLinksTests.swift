import Testing

@testable import ProvChain

@Suite struct PeerLinksTests {
    private static func peers() throws -> (low: IdentityKey, high: IdentityKey) {
        let keys = try ["a", "b"].map { try Handshakes.secret($0).publicKey }.sorted { $0.value < $1.value }
        return (keys[0], keys[1])
    }

    @Test func everyTargetIsDialledOnceAtATime() throws {
        let (low, high) = try Self.peers()
        var links = PeerLinks(own: low, targets: [high, low], now: 5)
        #expect(links.due(now: 4).isEmpty)
        #expect(links.due(now: 5) == [high], "nobody dials itself")
        #expect(links.due(now: 5).isEmpty)
        #expect(links.established(high, link: 1, isOutbound: true, now: 6) == .keep(closing: nil))
        #expect(links.due(now: 1_000_000).isEmpty && links.link(high) == 1)
    }

    @Test func targetsChangeWithoutForgettingWhoIsWaitedFor() throws {
        let (low, high) = try Self.peers()
        let other = try Handshakes.secret("c").publicKey
        var links = PeerLinks(own: low, targets: [], now: 0)
        #expect(links.due(now: 0).isEmpty)
        links.setTargets([low, high], now: 0)
        #expect(links.due(now: 0) == [high])
        links.failed(high, now: 0, random: 0)
        links.setTargets([high, other], now: 1)
        #expect(links.due(now: 49) == [other], "the other one waits on")
        #expect(links.due(now: 50) == [high])
        links.setTargets([], now: 51)
        links.failed(high, now: 51, random: 0)
        #expect(links.due(now: 1_000_000).isEmpty)
    }

    @Test func theWaitDoublesUpToABoundAndIsNeverTheSameForAll() throws {
        let (low, high) = try Self.peers()
        var links = PeerLinks(own: low, targets: [high], now: 0)
        var now: UInt64 = 0
        for wait in [100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000] as [UInt64] {
            #expect(links.due(now: now) == [high])
            links.failed(high, now: now, random: 0)
            #expect(links.due(now: now + wait / 2 - 1).isEmpty, "\(wait)")
            now += wait / 2
        }
        #expect(links.due(now: now) == [high])
        links.failed(high, now: now, random: 5_000)
        #expect(links.due(now: now + 9_999).isEmpty)
        #expect(links.due(now: now + 10_000) == [high])
    }

    @Test func aGoodConnectionIsMissedSooner() throws {
        let (low, high) = try Self.peers()
        for (held, wait) in [(9_999, 800), (10_000, 100)] as [(UInt64, UInt64)] {
            var links = PeerLinks(own: low, targets: [high], now: 0)
            for attempt in [0, 1_000, 2_000] as [UInt64] {
                #expect(links.due(now: attempt) == [high])
                links.failed(high, now: attempt, random: 0)
            }
            #expect(links.due(now: 3_000) == [high])
            #expect(links.established(high, link: 1, isOutbound: true, now: 3_000) == .keep(closing: nil))
            #expect(links.lost(high, link: 1, now: 3_000 + held, random: wait / 2) == true)
            #expect(links.due(now: 3_000 + held + wait - 1).isEmpty && links.due(now: 3_000 + held + wait) == [high])
        }
    }

    /// Both dial at once: whatever the order in which the two connections are completed, both keep the same one.
    @Test(arguments: [false, true], [false, true])
    func aTieIsDecidedAlikeOnBothSides(lowSeesOwnFirst: Bool, highSeesOwnFirst: Bool) throws {
        let (low, high) = try Self.peers()
        let dialledByLow: PeerLinks.LinkID = 1
        let dialledByHigh: PeerLinks.LinkID = 2
        func kept(_ own: IdentityKey, _ peer: IdentityKey, ownCall: PeerLinks.LinkID, _ order: [PeerLinks.LinkID])
            -> PeerLinks.LinkID?
        {
            var links = PeerLinks(own: own, targets: [peer], now: 0)
            for link in order { _ = links.established(peer, link: link, isOutbound: link == ownCall, now: 10) }
            return links.link(peer)
        }
        let lowOrder = lowSeesOwnFirst ? [dialledByLow, dialledByHigh] : [dialledByHigh, dialledByLow]
        let highOrder = highSeesOwnFirst ? [dialledByHigh, dialledByLow] : [dialledByLow, dialledByHigh]
        #expect(kept(low, high, ownCall: dialledByLow, lowOrder) == dialledByLow)
        #expect(kept(high, low, ownCall: dialledByHigh, highOrder) == dialledByLow)
    }

    @Test func theLoserOfATieIsClosed() throws {
        let (low, high) = try Self.peers()
        var links = PeerLinks(own: low, targets: [high], now: 0)
        #expect(links.established(high, link: 1, isOutbound: true, now: 0) == .keep(closing: nil))
        #expect(links.established(high, link: 2, isOutbound: false, now: 4_999) == .close)
        #expect(links.lost(high, link: 2, now: 5_000, random: 0) == false, "the other one still stands")
        // After the time of a tie, whoever calls anew has been restarted.
        #expect(links.established(high, link: 3, isOutbound: false, now: 5_000) == .keep(closing: 1))
        #expect(links.lost(high, link: 1, now: 5_001, random: 0) == false && links.link(high) == 3)
        // The same way as before is never a tie.
        #expect(links.established(high, link: 4, isOutbound: false, now: 5_001) == .keep(closing: 3))
    }

    @Test func aBlockedPeerIsLeftAlone() throws {
        let (low, high) = try Self.peers()
        var links = PeerLinks(own: low, targets: [high], now: 0)
        links.postpone(high, until: 600_000)
        #expect(links.due(now: 599_999).isEmpty && links.due(now: 600_000) == [high])
    }
}
