import ProvChain
import Testing

@testable import ProvNode

/// Whom a node asks that is behind.
@Suite struct CatchUpStateTests {
    private static func peers(_ count: UInt8) throws -> [IdentityKey] {
        try (0..<count).map { try IdentitySecret(secret: SHA256.hash([$0]).bytes).publicKey }
    }

    /// No matter what anybody claims: the first one asked changes with the height.
    @Test func everybodyIsAskedFirstInTurn() throws {
        let (state, peers) = (CatchUpState(), try Self.peers(4))
        let first = (0..<4).compactMap { state.order(peers, from: $0).first }
        #expect(Set(first) == Set(peers))
        for height in UInt64(0)..<4 { #expect(Set(state.order(peers, from: height)) == Set(peers)) }
        #expect(state.order([], from: 7).isEmpty && state.best(of: []).isEmpty)
    }

    @Test func whoeverFailsIsAskedLastAndThenLeftOut() throws {
        var state = CatchUpState()
        let peers = try Self.peers(4)
        state.failed(peers[1])
        for height in UInt64(0)..<8 { #expect(state.order(peers, from: height).last == peers[1]) }
        // Once may be bad luck.
        #expect(state.best(of: peers) == peers)
        state.failed(peers[1])
        #expect(!state.best(of: peers).contains(peers[1]) && state.best(of: peers).count == 3)
        #expect(state.best(of: [peers[1]]) == [peers[1]], "who is the only one is asked")
    }

    /// How far, and how long at the speed so far: what `provnode why` says of a node that catches up.
    @Test func theEstimateGoesByTheSpeedSoFar() {
        var state = CatchUpState()
        state.begin(at: 100, now: Instant(milliseconds: 1_000))
        state.aim(at: 1_100)
        let later = Instant(milliseconds: 3_000)
        #expect(state.remaining(at: 100, now: later) == nil, "nothing was applied yet")
        #expect(state.remaining(at: 300, now: later) == 8_000)
        // Somebody lower does not bring the end nearer.
        state.aim(at: 500)
        #expect(state.target == 1_100 && state.remaining(at: 300, now: later) == 8_000)
        #expect(state.remaining(at: 1_100, now: later) == nil)
    }

    /// Half of it is forgiven in a minute, so that who was ill an hour ago is asked like anybody.
    @Test func failuresAreForgivenInTime() throws {
        var state = CatchUpState()
        let peers = try Self.peers(2)
        for _ in 0..<3 { state.failed(peers[0]) }
        func run(at seconds: UInt64) {
            state.begin(at: 1, now: Instant(milliseconds: seconds * 1_000))
            state.end(now: Instant(milliseconds: seconds * 1_000))
        }
        run(at: 60)
        run(at: 61)
        #expect(state.order(peers, from: 0).last == peers[0])
        run(at: 120)
        #expect(state.order(peers, from: 0).first == peers[0])
    }
}

/// What a node makes of what others say of themselves.
@Suite struct PeersTests {
    private static func peers(_ heights: [UInt64], own: UInt64?) throws -> Peers {
        let founding = try Founding(
            origin: "peers.example/log", members: heights.indices.map { "Member \($0)" }, time: 1_000)
        let epoch = try Ledger.start(founding.file).ledger.tip.epoch
        var peers = Peers(epoch, own: own, now: Instant(milliseconds: 0))
        for (place, height) in heights.enumerated() {
            peers.withStanding(UInt64(place)) { $0.height = height }
        }
        return peers
    }

    /// One of four may lie, so a height counts that two claim.
    @Test func aHeightIsBelievedIfMoreClaimItThanMayLie() throws {
        #expect(try Self.peers([0, 7, .max, 5], own: 0).believedHeight == 7)
        #expect(try Self.peers([9, 7, .max, 5], own: nil).believedHeight == 9)
        // Two of seven.
        #expect(try Self.peers([0, .max, .max, 4, 3, 2, 1], own: 0).believedHeight == 4)
        #expect(try Self.peers([0, 3], own: 0).believedHeight == 3)
        #expect(try Self.peers([0], own: 0).believedHeight == 0)
    }

    @Test func observersAreNumberedAfterTheValidators() throws {
        let founding = try Founding(origin: "peers.example/log", members: ["One", "Two"], time: 1_000)
        let epoch = try Ledger.start(founding.file).ledger.tip.epoch
        let keys = try (UInt8(0)..<2).map { try IdentitySecret(secret: SHA256.hash([$0]).bytes).publicKey }
        var peers = Peers(epoch, own: 0, observers: ["b": keys[1], "a": keys[0]], now: Instant(milliseconds: 0))
        #expect(peers.index(keys[0]) == 2 && peers.index(keys[1]) == 3 && peers.identity(3) == keys[1])
        #expect(peers.observerName(2) == "a" && peers.observerName(1) == nil && peers.identity(4) == nil)
        #expect(!peers.isValidator(2) && peers.isValidator(1))
        peers.withStanding(3) { $0.isConnected = true }
        // Nobody catches up from an observer.
        #expect(peers.connected.isEmpty && peers.observers.map(\.standing.isConnected) == [false, true])
        #expect(!peers.isAlone)
        #expect(Peers(epoch, own: 0, now: Instant(milliseconds: 0)).isAlone == false)
        #expect(try Self.peers([0], own: 0).isAlone && Self.peers([0], own: nil).isAlone == false)
    }
}
