/// Where pages are stored: a database, or memory.
public protocol StatePageSource {
    /// The bytes last flushed for a page, or nil. Throws ``MerkleError/storage(_:)``.
    func page(_ id: StatePageID) throws(MerkleError) -> [UInt8]?
}

/// A page to be written under its id.
public struct StoredStatePage: Hashable, Sendable {
    public let id: StatePageID
    public let bytes: [UInt8]
}

/// What a batch would change, kept apart from the tree until it is committed.
public struct StateChange: Sendable {
    public let oldRoot: Digest
    public let newRoot: Digest
    let pages: [StatePageID: StatePage]
}

/// How much of the state tree stays in memory besides the pages that are not flushed.
public struct StateTreeLimits: Hashable, Sendable {
    /// Pages above this depth (in key bytes) always stay: 2 keeps at most 257 of under 17 KiB each.
    public let residentDepth: Int
    /// Pages below it stay while they are used, at most this many.
    public let cachedPageCount: Int

    public init(residentDepth: Int = 2, cachedPageCount: Int = 16_384) {
        precondition(residentDepth >= 0 && residentDepth <= 3, "\(residentDepth) resident levels of pages")
        precondition(cachedPageCount >= 2, "a cache of \(cachedPageCount) pages")
        self.residentDepth = residentDepth
        self.cachedPageCount = cachedPageCount
    }
}

/// Pages that the source holds as well. When the younger half is full, what was not used since the last
/// time is dropped with the older half.
struct StatePageCache: Sendable {
    let limits: StateTreeLimits
    private var resident: [StatePageID: StatePage] = [:]
    private var young: [StatePageID: StatePage] = [:]
    private var old: [StatePageID: StatePage] = [:]

    init(limits: StateTreeLimits) { self.limits = limits }

    /// Pages held that may be dropped.
    var evictableCount: Int { young.count + old.count }

    mutating func page(_ id: StatePageID) -> StatePage? {
        if id.depth < limits.residentDepth { return resident[id] }
        if let page = young[id] { return page }
        guard let page = old.removeValue(forKey: id) else { return nil }
        insert(page, id)
        return page
    }

    mutating func insert(_ page: StatePage, _ id: StatePageID) {
        if id.depth < limits.residentDepth {
            resident[id] = page
            return
        }
        if young.count >= limits.cachedPageCount / 2 {
            old = young
            young = [:]
        }
        young[id] = page
    }

    mutating func remove(_ id: StatePageID) {
        if id.depth < limits.residentDepth {
            resident[id] = nil
        } else if young.removeValue(forKey: id) == nil {
            old[id] = nil
        }
    }
}
