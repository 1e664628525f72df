/// Where keys stand in a list: a look-up reads one word of memory, where a dictionary reads at three places.
///
/// Keys are SHA-256 outputs, so some of their bits serve as a hash, and others as a tag that tells most keys apart
/// without a look at the list. The bits are multiplied by a number that differs from process to process and that
/// nobody outside knows: whoever makes keys that begin alike cannot make them meet here.
struct KeyTable: Sendable {
    /// A tag in the upper half, a place counted from 1 in the lower; 0 for an empty slot.
    private var slots: [UInt64]
    private var shift: UInt64
    private var count = 0

    private static let tagMask: UInt64 = 0xffff_ffff_0000_0000
    /// Of a hasher, which is seeded by chance when a process starts. Odd, so that no bit of a key is lost.
    private static let multiplier = UInt64(bitPattern: Int64(Hasher().finalize())) | 1
    private static let smallestBits = 4

    /// Room for this many keys before it grows.
    init(capacity: Int = 0) {
        var bits = Self.smallestBits
        while 1 << bits < 2 * capacity { bits += 1 }
        slots = Array(repeating: 0, count: 1 << bits)
        shift = UInt64(64 - bits)
    }

    /// The place of a key in the list, or `nil`.
    ///
    /// - Parameter keyAt: the key at a place of the list.
    func place(of key: Digest, _ keyAt: (Int) -> Digest) -> Int? {
        let tag = key.words.3 & Self.tagMask
        var slot = start(of: key)
        while slots[slot] != 0 {
            if slots[slot] & Self.tagMask == tag {
                let place = Int(slots[slot] & ~Self.tagMask) - 1
                if keyAt(place) == key { return place }
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Adds a key that is not here and stands last in the list.
    mutating func insert(_ key: Digest, _ keyAt: (Int) -> Digest) {
        // At most half full, so that the next slots are seldom taken.
        if 2 * (count + 1) > slots.count {
            var larger = KeyTable(capacity: 2 * count + 1)
            for place in 0..<count { larger.put(keyAt(place)) }
            self = larger
        }
        put(key)
    }

    private mutating func put(_ key: Digest) {
        count += 1
        precondition(count <= Int(Int32.max), "\(count) keys")
        var slot = start(of: key)
        while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = key.words.3 & Self.tagMask | UInt64(count)
    }

    private func start(of key: Digest) -> Int { Int((key.words.1 &* Self.multiplier) >> shift) }
}
