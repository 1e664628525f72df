import ProvChain
import Testing

@testable import ProvNode

@Suite struct CallersTests {
    @Test func whoCallsAllDayIsLetWait() throws {
        let peers = try (UInt8(0)..<2).map { try IdentitySecret(secret: SHA256.hash([$0]).bytes).publicKey }
        var callers = Callers()
        func calls(_ count: UInt64, at now: UInt64) -> Int {
            (0..<count).count { _ in callers.mayCall(peers[0], now: now) }
        }
        // One more than are there at once: what is short is owed.
        let burst = NetworkLimits.calls.burst
        #expect(calls(burst + 9, at: 0) == Int(burst) + 1)
        #expect(calls(1_000, at: 999) == 0 && callers.mayCall(peers[1], now: 999), "others pay nothing")
        #expect(calls(1_000, at: 1_000) == 1 && calls(1_000, at: 2_000) == 1)
        #expect(calls(1_000, at: 12_000) == 10)
    }
}
