import ProvChain

/// One line of the index's register: under a key, the leaf of a statement.
///
/// The key is 64 bits of a hash, so it says where to look and not what is there: two things may share one, by chance
/// or because somebody searched for such a pair. Whoever follows an entry reads the statement and sees whether it is
/// the right one.
struct RegisterEntry: Hashable, Comparable, Sendable {
    let key: UInt64
    /// Of a record, the number of the event in its history; 0 for everything else.
    let number: UInt32
    let leaf: UInt64

    init(_ key: UInt64, number: UInt32 = 0, leaf: UInt64) {
        self.key = key
        self.number = number
        self.leaf = leaf
    }

    static func < (a: RegisterEntry, b: RegisterEntry) -> Bool {
        if a.key != b.key { return a.key < b.key }
        if a.number != b.number { return a.number < b.number }
        return a.leaf < b.leaf
    }

    // MARK: Bytes

    /// Key, number and leaf, little-endian, without padding.
    static let byteCount = 20

    func append(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: key.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: leaf.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The entry at a place of a list.
    init(_ list: UnsafeRawBufferPointer, at place: Int) {
        let start = place * Self.byteCount
        key = UInt64(littleEndian: list.loadUnaligned(fromByteOffset: start, as: UInt64.self))
        number = UInt32(littleEndian: list.loadUnaligned(fromByteOffset: start + 8, as: UInt32.self))
        leaf = UInt64(littleEndian: list.loadUnaligned(fromByteOffset: start + 12, as: UInt64.self))
    }
}

/// What the register finds statements by.
enum RegisterKey {
    /// A statement's id.
    static func statement(_ id: Digest) -> UInt64 { id.firstBits }

    /// A record, whose history numbers its events from 1.
    static func record(_ urn: URN) -> UInt64 { urn.stateKey.firstBits }

    /// A hash to which statements commit. Anybody can state any hash, so its own first bits would let somebody choose
    /// whose key to share; the key of the component with this hash is a hash of it, and has no event number 0.
    static func attachment(_ hash: Digest) -> UInt64 { record(.component(hash)) }

    /// The works that a party registered.
    static func works(of party: Digest) -> UInt64 { party.firstBits ^ 1 }

    /// The offers that a party made or received.
    static func offers(of party: Digest) -> UInt64 { party.firstBits ^ 2 }

    /// The number of an event as an entry has it. No record has four billion of them.
    static func number(_ number: UInt64) -> UInt32 { UInt32(clamping: number) }
}

/// The entries of one key, from one to another.
struct RegisterRange {
    let low: RegisterEntry
    let high: RegisterEntry

    var key: UInt64 { low.key }

    /// Entries without a number, whose leaf is less than one.
    init(_ key: UInt64, below leaf: UInt64 = .max) {
        low = RegisterEntry(key, leaf: 0)
        high = RegisterEntry(key, leaf: leaf == 0 ? 0 : leaf - 1)
    }

    /// Events of a record.
    init(_ key: UInt64, numbers: ClosedRange<UInt64>) {
        low = RegisterEntry(key, number: RegisterKey.number(numbers.lowerBound), leaf: 0)
        high = RegisterEntry(key, number: RegisterKey.number(numbers.upperBound), leaf: .max)
    }

    func contains(_ entry: RegisterEntry) -> Bool { low <= entry && entry <= high }
}

extension [RegisterEntry] {
    /// The place of the first entry that is not before this one.
    func place(of entry: RegisterEntry) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < entry { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Two sorted lists as one.
    static func merging(_ first: [RegisterEntry], _ second: [RegisterEntry]) -> [RegisterEntry] {
        var merged: [RegisterEntry] = []
        merged.reserveCapacity(first.count + second.count)
        var (one, two) = (0, 0)
        while one < first.count, two < second.count {
            if second[two] < first[one] {
                merged.append(second[two])
                two += 1
            } else {
                merged.append(first[one])
                one += 1
            }
        }
        merged.append(contentsOf: first[one...])
        merged.append(contentsOf: second[two...])
        return merged
    }
}
