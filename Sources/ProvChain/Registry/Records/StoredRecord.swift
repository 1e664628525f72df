/// The history of one record: how many statements touched it, and the head of the hash chain over all of them.
///
/// Because every record carries its head, one proof against the latest state root proves the complete history
/// of a thing: nothing can be left out, and any earlier state follows by cutting the chain.
public struct History: Hashable, Sendable {
    public let count: UInt64
    public let head: Digest

    public static let empty = History(count: 0, head: .zero)

    public init(count: UInt64, head: Digest) {
        self.count = count
        self.head = head
    }

    /// One step of the chain: head' = SHA-256 of CBOR
    /// `[tag, head, count', statement id, height, position, block time, SHA-256(body after)]`.
    public func appending(_ link: HistoryLink) -> History {
        let count = count + 1
        let next = DomainTag.historyLink.hash(as: "provchain/history/1", 7) { item in
            item.digest(head)
            item.uint(count)
            item.digest(link.statement)
            item.uint(link.height)
            item.uint(link.position)
            item.uint(link.time)
            item.digest(link.bodyHash)
        }
        return History(count: count, head: next)
    }
}

/// One entry of a record's history: which statement touched it, when, and what the record said afterwards.
public struct HistoryLink: Hashable, Sendable, CBORCodable {
    public let statement: Digest
    public let height: UInt64
    /// The statement's place within its block.
    public let position: UInt64
    /// Block time, milliseconds since 1970.
    public let time: UInt64
    /// SHA-256 of the record's body after the statement.
    public let bodyHash: Digest

    public init(statement: Digest, height: UInt64, position: UInt64, time: UInt64, bodyHash: Digest) {
        self.statement = statement
        self.height = height
        self.position = position
        self.time = time
        self.bodyHash = bodyHash
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(5)
        writer.digest(statement)
        writer.uint(height)
        writer.uint(position)
        writer.uint(time)
        writer.digest(bodyHash)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 5)
        statement = try reader.digest()
        height = try reader.uint()
        position = try reader.uint()
        time = try reader.uint()
        bodyHash = try reader.digest()
    }
}

/// A record as the state keeps it: CBOR `[body, count, head]`. Records are changed, never deleted.
public struct StoredRecord: Hashable, Sendable, CBORCodable {
    /// The deterministic CBOR of the record proper.
    public let body: [UInt8]
    public let history: History

    public init(body: [UInt8], history: History) {
        self.body = body
        self.history = history
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.encoded(body)
        writer.uint(history.count)
        writer.digest(history.head)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        let start = reader.offset
        try reader.skip(depth: 1)
        body = reader.bytes(since: start)
        let count = try reader.uint()
        history = History(count: count, head: try reader.digest())
    }
}
