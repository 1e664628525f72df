/// Statements that were verified and wait for a block, within bounds, by age within shares of organisations.
///
/// No organisation can fill it: each may hold a share of the room, and blocks take from all that have
/// something waiting. So whoever floods the chain waits behind its own flood.
///
/// Named by leaf hash, not by statement id: one id can have many valid signatures, and each must be traceable.
public struct Mempool: Sendable {
    /// What a node keeps waiting at most.
    public struct Bounds: Hashable, Sendable {
        public var statements = 50_000
        public var bytes = 64 << 20
        /// Of either, for one organisation.
        public var organisationPercent: Int

        /// A fifth for each organisation; for fewer than five of them, equal parts.
        public init(organisations: Int = 1) {
            precondition(organisations > 0, "a chain without members")
            organisationPercent = max(Self.smallestOrganisationPercent, 100 / organisations)
        }

        public static let smallestOrganisationPercent = 20
    }

    public enum Full: Error, Hashable, Sendable {
        case statements(limit: Int)
        case bytes(limit: Int)
        /// One organisation's share.
        case organisation(percent: Int)
    }

    /// What a block has room for.
    public struct Room: Hashable, Sendable {
        public var statements: Int
        public var bytes: Int
        public var cost: UInt64

        public init(statements: Int, bytes: Int = .max, cost: UInt64 = .max) {
            self.statements = statements
            self.bytes = bytes
            self.cost = cost
        }
    }

    private struct Use {
        var statements = 0
        var bytes = 0
    }

    struct Entry {
        let statement: Statement
        let organisation: Digest
    }

    public let bounds: Bounds
    public private(set) var bytes = 0
    /// By leaf hash.
    private var places: [Digest: Int] = [:]
    /// In order of arrival, with gaps where a statement left.
    private var order: [Entry?] = []
    private var identifiers: [Digest: Digest] = [:]
    private var uses: [Digest: Use] = [:]
    /// No statement that waits expires before this second.
    private var earliestExpiry = UInt64.max

    public init(bounds: Bounds = Bounds()) { self.bounds = bounds }

    public var count: Int { places.count }
    public var isEmpty: Bool { places.isEmpty }

    /// True if a statement with this id waits.
    public func contains(_ statement: Digest) -> Bool { identifiers[statement] != nil }

    public func statement(_ id: Digest) -> Statement? { identifiers[id].flatMap { self[leafHash: $0] } }

    public subscript(leafHash leafHash: Digest) -> Statement? { places[leafHash].flatMap { order[$0]?.statement } }

    /// Takes a statement of an organisation; false if one with the same id waits already.
    public mutating func insert(_ statement: Statement, organisation: Digest = .zero) throws(Full) -> Bool {
        guard identifiers[statement.id] == nil else { return false }
        let size = statement.encoded.count
        uses[organisation] = try use(with: size, of: organisation)
        identifiers[statement.id] = statement.leafHash
        places[statement.leafHash] = order.count
        order.append(Entry(statement: statement, organisation: organisation))
        bytes += size
        earliestExpiry = min(earliestExpiry, statement.claims.expiry)
        return true
    }

    /// True if there is room for a statement of so many bytes. Whoever would have to verify it first asks.
    public func hasRoom(for size: Int, organisation: Digest) -> Bool {
        do throws(Full) {
            _ = try use(with: size, of: organisation)
            return true
        } catch {
            return false
        }
    }

    /// What an organisation uses with one more statement.
    private func use(with size: Int, of organisation: Digest) throws(Full) -> Use {
        guard count < bounds.statements else { throw .statements(limit: bounds.statements) }
        guard bytes + size <= bounds.bytes else { throw .bytes(limit: bounds.bytes) }
        var use = uses[organisation] ?? Use()
        use.statements += 1
        use.bytes += size
        guard use.statements * 100 <= bounds.statements * bounds.organisationPercent,
            use.bytes * 100 <= bounds.bytes * bounds.organisationPercent
        else { throw .organisation(percent: bounds.organisationPercent) }
        return use
    }

    /// The oldest statements, at most `limit`, as ``next(_:)`` chooses them.
    public func oldest(_ limit: Int) -> [Statement] { next(Room(statements: limit)) }

    /// What the next block should take: by age within equal shares of the organisations that have something
    /// waiting. What one of them does not use, the others get.
    ///
    /// They come in order of arrival, whosever they are: a statement may depend on an earlier one.
    ///
    /// - Parameter isTaken: true for the ids of statements that blocks hold which are not final yet.
    public func next(_ room: Room, except isTaken: ((Digest) -> Bool)? = nil) -> [Statement] {
        var free = order
        if let isTaken {
            for (place, entry) in order.enumerated() {
                if let entry, isTaken(entry.statement.id) { free[place] = nil }
            }
        }
        return MempoolShares(room: room, isShared: uses.count > 1).choose(from: free)
            .compactMap { free[$0]?.statement }
    }

    /// The leaf hashes of what waits, at most `limit`, in order of arrival from a place chosen at random: so
    /// that, of a large mempool, each exchange compares another part.
    public func leafHashes(_ limit: Int, random: UInt64) -> [Digest] {
        guard count > limit else { return order.compactMap { $0?.statement.leafHash } }
        let start = Int(random % UInt64(order.count))
        return Array((order[start...] + order[..<start]).lazy.compactMap { $0?.statement.leafHash }.prefix(limit))
    }

    /// Lets statements go, by id, because they were applied or refused.
    public mutating func remove(_ statements: some Sequence<Digest>) {
        for id in statements {
            guard let leafHash = identifiers.removeValue(forKey: id),
                let place = places.removeValue(forKey: leafHash), let entry = order[place]
            else { continue }
            let size = entry.statement.encoded.count
            bytes -= size
            order[place] = nil
            uses[entry.organisation]?.statements -= 1
            uses[entry.organisation]?.bytes -= size
            if uses[entry.organisation]?.statements == 0 { uses[entry.organisation] = nil }
        }
        if order.count > 2 * count + 1_024 { compact() }
    }

    /// Lets go what no block from `time` on, in milliseconds since 1970, can apply; gives it back.
    public mutating func removeExpired(at time: UInt64) -> [Statement] {
        // As the rule has it: an expiry is the first second that is too late.
        let second = time / 1_000
        guard earliestExpiry <= second else { return [] }
        var expired: [Statement] = []
        earliestExpiry = .max
        for entry in order {
            guard let statement = entry?.statement else { continue }
            if statement.claims.expiry <= second {
                expired.append(statement)
            } else {
                earliestExpiry = min(earliestExpiry, statement.claims.expiry)
            }
        }
        remove(expired.map(\.id))
        return expired
    }

    private mutating func compact() {
        order = order.filter { $0 != nil }
        for (place, entry) in order.enumerated() {
            if let entry { places[entry.statement.leafHash] = place }
        }
    }
}
