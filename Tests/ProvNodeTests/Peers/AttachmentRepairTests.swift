import ProvChain
import Testing

@testable import ProvNode

/// When a node looks for attachments that it lacks.
@Suite struct AttachmentRepairTests {
    private static func at(_ milliseconds: UInt64) -> Instant { Instant(milliseconds: milliseconds) }

    @Test func theIndexIsGoneThroughInPagesAndThenLeftAlone() {
        var repair = AttachmentRepair()
        #expect(repair.begin(now: Self.at(0)) == .index(from: 0))
        #expect(repair.begin(now: Self.at(9_999)) == nil, "one page at a time")
        repair.finished(.index(from: 0), following: 300, now: Self.at(10_000))
        #expect(repair.begin(now: Self.at(10_000 + AttachmentRepair.pageMilliseconds - 1)) == nil)
        #expect(repair.begin(now: Self.at(10_000 + AttachmentRepair.pageMilliseconds)) == .index(from: 300))
        repair.finished(.index(from: 300), following: nil, now: Self.at(20_000))
        #expect(repair.begin(now: Self.at(20_000 + AttachmentRepair.roundMilliseconds - 1)) == nil)
        #expect(repair.begin(now: Self.at(20_000 + AttachmentRepair.roundMilliseconds)) == .index(from: 0))
    }

    /// Blocks were caught up: the round begins at once.
    @Test func itCanBeHurried() {
        var repair = AttachmentRepair()
        _ = repair.begin(now: Self.at(0))
        repair.finished(.index(from: 0), following: nil, now: Self.at(0))
        #expect(repair.begin(now: Self.at(1)) == nil)
        repair.hurry()
        #expect(repair.begin(now: Self.at(1)) == .index(from: 0))
    }
}
