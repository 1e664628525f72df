/// SplitMix64: everything that a run leaves to chance comes from one of these, and so from its seed.
struct RandomSource {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x1234_5678_9abc_def1 }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Below `bound`, which is not zero.
    mutating func below(_ bound: UInt64) -> UInt64 { next() % bound }

    mutating func below(_ bound: Int) -> Int { Int(below(UInt64(bound))) }

    mutating func within(_ range: ClosedRange<UInt64>) -> UInt64 {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// True in `parts` of a million cases.
    mutating func strikes(_ parts: UInt64) -> Bool { parts > 0 && below(1_000_000 as UInt64) < parts }
}
