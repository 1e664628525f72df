/// A set of the 256 slots of a page, as bits.
struct SlotSet: Hashable, Sendable {
    private var words: SIMD4<UInt64> = .zero

    static let slotCount = 256

    init() {}

    func contains(_ slot: Int) -> Bool { words[slot >> 6] & Self.bit(slot) != 0 }

    mutating func insert(_ slot: Int) { words[slot >> 6] |= Self.bit(slot) }

    mutating func remove(_ slot: Int) { words[slot >> 6] &= ~Self.bit(slot) }

    /// Members below `slot`: the position of the slot's content among the contents of all members.
    func rank(_ slot: Int) -> Int {
        var rank = 0
        for word in 0..<(slot >> 6) { rank += words[word].nonzeroBitCount }
        let below = ~(UInt64.max >> UInt64(slot & 63))
        return rank + (words[slot >> 6] & below).nonzeroBitCount
    }

    /// Members among the `width` slots from `start`; `width` is a power of two that divides `start`.
    func count(from start: Int, width: Int) -> Int {
        if width >= 64 {
            var count = 0
            for word in (start >> 6)..<((start + width) >> 6) { count += words[word].nonzeroBitCount }
            return count
        }
        let mask = (UInt64.max << UInt64(64 - width)) >> UInt64(start & 63)
        return (words[start >> 6] & mask).nonzeroBitCount
    }

    /// The first member among the slots from `start`.
    func first(from start: Int) -> Int? {
        var word = start >> 6
        var rest = start < Self.slotCount ? words[word] & (UInt64.max >> UInt64(start & 63)) : 0
        while word < 3, rest == 0 {
            word += 1
            rest = words[word]
        }
        return rest == 0 ? nil : (word << 6) + rest.leadingZeroBitCount
    }

    private static func bit(_ slot: Int) -> UInt64 { 1 << UInt64(63 - (slot & 63)) }
}
