import ProvChain

/// A leaf of the state tree, with the row of the state database that its record lies in.
struct PlacedLeaf: Hashable, Sendable {
    let leaf: StateLeaf
    /// From 1; ``unplaced`` until it is known.
    private(set) var place: Int64

    static let unplaced: Int64 = 0

    init(leaf: StateLeaf, place: Int64 = Self.unplaced) {
        self.leaf = leaf
        self.place = place
    }

    var key: Digest { leaf.key }

    /// Gives a leaf without a place that of its record, or, if there is none, the next one.
    mutating func settle(_ known: Int64?, next: inout Int64) {
        guard place == Self.unplaced else { return }
        if let known {
            place = known
        } else {
            place = next
            next += 1
        }
    }
}

/// One page of the leaf file: up to 58 leaves, ascending by key.
///
/// ```
/// page  number of leaves (2 bytes) · 2 zero bytes · page that goes on with this one's leaves, or 0 (4 bytes) · leaf…
/// leaf  key (32 bytes) · hash of the record (32 bytes) · row of the record (6 bytes)
/// ```
/// Numbers are big-endian.
enum LeafPage {
    static let byteCount = 4_096
    static let headerBytes = 8
    static let leafBytes = 2 * Digest.byteCount + placeBytes
    static let capacity = (byteCount - headerBytes) / leafBytes
    private static let placeBytes = 6

    /// Adds the leaves of a page to `leaves`; returns the page that goes on with them, or 0. `nil` if it is damaged.
    static func read(_ page: UnsafeRawBufferPointer, into leaves: inout [PlacedLeaf]) -> UInt32? {
        guard let count = count(page) else { return nil }
        for position in 0..<count { leaves.append(leaf(page, position)) }
        return next(page)
    }

    static func count(_ page: UnsafeRawBufferPointer) -> Int? {
        let count = Int(page[0]) << 8 | Int(page[1])
        return count <= capacity ? count : nil
    }

    static func next(_ page: UnsafeRawBufferPointer) -> UInt32 {
        UInt32(bigEndian: page.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
    }

    /// The first position of a page at which there is a key not below `key`.
    static func position(_ page: UnsafeRawBufferPointer, of key: Digest, count: Int) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if Self.key(page, middle) < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    static func key(_ page: UnsafeRawBufferPointer, _ position: Int) -> Digest {
        Digest(loading: UnsafeRawBufferPointer(rebasing: page[(headerBytes + position * leafBytes)...]))
    }

    static func firstBits(_ page: UnsafeRawBufferPointer, _ position: Int) -> UInt64 {
        UInt64(bigEndian: page.loadUnaligned(fromByteOffset: headerBytes + position * leafBytes, as: UInt64.self))
    }

    static func stateLeaf(_ page: UnsafeRawBufferPointer, _ position: Int) -> StateLeaf {
        StateLeaf(key: key(page, position), recordHash: hash(page, position))
    }

    private static func hash(_ page: UnsafeRawBufferPointer, _ position: Int) -> Digest {
        let start = headerBytes + position * leafBytes + Digest.byteCount
        return Digest(loading: UnsafeRawBufferPointer(rebasing: page[start...]))
    }

    /// Adds the leaves whose keys lie in a range to `leaves`; returns what ``read(_:into:)`` returns.
    static func read(
        _ page: UnsafeRawBufferPointer, _ keys: ClosedRange<Digest>, into leaves: inout [StateLeaf]
    ) -> UInt32? {
        guard let count = count(page) else { return nil }
        var position = position(page, of: keys.lowerBound, count: count)
        while position < count {
            let key = key(page, position)
            if key > keys.upperBound { break }
            leaves.append(StateLeaf(key: key, recordHash: hash(page, position)))
            position += 1
        }
        return next(page)
    }

    static func leaf(_ page: UnsafeRawBufferPointer, _ position: Int) -> PlacedLeaf {
        PlacedLeaf(leaf: stateLeaf(page, position), place: place(page, position))
    }

    private static func place(_ page: UnsafeRawBufferPointer, _ position: Int) -> Int64 {
        // The six bytes and the two before them.
        let offset = headerBytes + position * leafBytes + 2 * Digest.byteCount - 2
        let bytes = page.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return Int64(UInt64(bigEndian: bytes) & (1 << 48 - 1))
    }

    /// Fills a page with leaves, of which it takes at most ``capacity``.
    static func write(_ leaves: ArraySlice<PlacedLeaf>, next: UInt32, to page: UnsafeMutableRawBufferPointer) {
        precondition(leaves.count <= capacity, "\(leaves.count) leaves in a page")
        page[0] = UInt8(leaves.count >> 8)
        page[1] = UInt8(leaves.count & 0xff)
        page[2] = 0
        page[3] = 0
        page.storeBytes(of: next.bigEndian, toByteOffset: 4, as: UInt32.self)
        var offset = headerBytes
        for placed in leaves {
            put(placed, in: page, at: offset)
            offset += leafBytes
        }
        UnsafeMutableRawBufferPointer(rebasing: page[offset...]).initializeMemory(as: UInt8.self, repeating: 0)
    }

    /// Puts leaves, ascending, among those of a page, in place: most pages of a flush get a single one.
    ///
    /// - Parameter place: the next one, for leaves without a place whose keys were not there.
    /// - Returns: how many of their keys were not there. `nil`, and nothing is changed, if the page goes on elsewhere,
    ///   may not have room for all of them, or is damaged.
    static func merge(
        _ leaves: inout [PlacedLeaf], into page: UnsafeMutableRawBufferPointer, next place: inout Int64
    ) -> Int? {
        let bytes = UnsafeRawBufferPointer(page)
        guard let before = Self.count(bytes), next(bytes) == 0, before + leaves.count <= capacity else { return nil }
        var count = before
        for index in leaves.indices {
            let key = leaves[index].key
            let position = Self.position(bytes, of: key, count: count)
            let start = headerBytes + position * leafBytes
            let isThere = position < count && Self.key(bytes, position) == key
            leaves[index].settle(isThere ? Self.place(bytes, position) : nil, next: &place)
            if !isThere {
                let behind = start..<headerBytes + count * leafBytes
                copy(UnsafeRawBufferPointer(rebasing: bytes[behind]), to: page, start + leafBytes)
                count += 1
            }
            put(leaves[index], in: page, at: start)
        }
        page[0] = UInt8(count >> 8)
        page[1] = UInt8(count & 0xff)
        return count - before
    }

    private static func put(_ placed: PlacedLeaf, in page: UnsafeMutableRawBufferPointer, at offset: Int) {
        placed.leaf.key.withBytes { copy($0, to: page, offset) }
        placed.leaf.recordHash.withBytes { copy($0, to: page, offset + Digest.byteCount) }
        let place = UInt64(placed.place)
        let end = offset + 2 * Digest.byteCount
        page.storeBytes(of: UInt16(truncatingIfNeeded: place >> 32).bigEndian, toByteOffset: end, as: UInt16.self)
        page.storeBytes(of: UInt32(truncatingIfNeeded: place).bigEndian, toByteOffset: end + 2, as: UInt32.self)
    }

    /// The two may overlap.
    private static func copy(
        _ bytes: UnsafeRawBufferPointer, to page: UnsafeMutableRawBufferPointer, _ offset: Int
    ) {
        UnsafeMutableRawBufferPointer(rebasing: page[offset...]).copyMemory(from: bytes)
    }
}
