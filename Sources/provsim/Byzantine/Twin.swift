import ProvChain

/// Two whole nodes with one key, each talking to its own part of the network, which changes with time.
final class Twin: Machine {
    override var isHonest: Bool { false }

    /// The first twin talks to those whose bit is set for this second, the second to the rest; every third second
    /// both talk to all.
    func hears(_ other: Machine) -> Bool {
        if other is Twin { return false }
        let second = world.time / 1_000_000
        guard second % 3 != 0 else { return true }
        let isOfFirst = (second &* 0x9e37_79b9 >> UInt64(other.number)) & 1 == 1
        return isOfFirst == (UInt64(number) == index)
    }
}
