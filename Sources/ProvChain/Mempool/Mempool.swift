/// Statements that were verified and wait for a block: first come, first served, within bounds.
///
/// Named by leaf hash, not by statement id: one id can have many valid signatures, and each must be traceable.
public struct Mempool: Sendable {
    /// What a node keeps waiting at most.
    public struct Bounds: Hashable, Sendable {
        public var statements = 50_000
        public var bytes = 64 << 20

        public init() {}
    }

    public enum Full: Error, Hashable, Sendable {
        case statements(limit: Int)
        case bytes(limit: Int)
    }

    public let bounds: Bounds
    public private(set) var bytes = 0
    private var waiting: [Digest: Statement] = [:]
    /// Leaf hashes in order of arrival, with gaps where a statement left.
    private var order: [Digest?] = []
    private var places: [Digest: Int] = [:]
    private var identifiers: [Digest: Digest] = [:]

    public init(bounds: Bounds = Bounds()) { self.bounds = bounds }

    public var count: Int { waiting.count }
    public var isEmpty: Bool { waiting.isEmpty }

    /// True if a statement with this id waits.
    public func contains(_ statement: Digest) -> Bool { identifiers[statement] != nil }

    public func statement(_ id: Digest) -> Statement? { identifiers[id].flatMap { waiting[$0] } }

    /// Takes a statement; false if one with the same id waits already.
    public mutating func insert(_ statement: Statement) throws(Full) -> Bool {
        guard identifiers[statement.id] == nil else { return false }
        guard waiting.count < bounds.statements else { throw .statements(limit: bounds.statements) }
        guard bytes + statement.encoded.count <= bounds.bytes else { throw .bytes(limit: bounds.bytes) }
        waiting[statement.leafHash] = statement
        identifiers[statement.id] = statement.leafHash
        places[statement.leafHash] = order.count
        order.append(statement.leafHash)
        bytes += statement.encoded.count
        return true
    }

    /// The oldest statements, at most `limit`.
    public func oldest(_ limit: Int) -> [Statement] {
        var oldest: [Statement] = []
        for leafHash in order {
            guard oldest.count < limit else { break }
            if let leafHash, let statement = waiting[leafHash] { oldest.append(statement) }
        }
        return oldest
    }

    /// Lets statements go, by id, because they were applied or refused.
    public mutating func remove(_ statements: some Sequence<Digest>) {
        for id in statements {
            guard let leafHash = identifiers.removeValue(forKey: id),
                let statement = waiting.removeValue(forKey: leafHash),
                let place = places.removeValue(forKey: leafHash)
            else { continue }
            bytes -= statement.encoded.count
            order[place] = nil
        }
        if order.count > 2 * waiting.count + 1_024 { compact() }
    }

    private mutating func compact() {
        order = order.compactMap(\.self)
        for (place, leafHash) in order.enumerated() {
            if let leafHash { places[leafHash] = place }
        }
    }
}
