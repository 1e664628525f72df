/// What waits to be sent, for all peers: strict priorities, one bound for all bytes, and the least important
/// thing dropped first.
///
/// A slow peer's queue is the longest, so what is dropped is first of all what was meant for the slow peer:
/// the others do not notice it. Everything that is dropped can be had again: statements by the exchange of
/// leaf hashes, answers by asking again, proposals, votes and certificates because consensus repeats them.
public struct OutboundQueues: Sendable {
    /// Lower is more urgent.
    public enum Priority: Int, Comparable, CaseIterable, Sendable {
        case votes, proposals, fetches, statements
        /// Everything for an observer, in order.
        case observers

        public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    public let limit: Int
    /// Of it, what all observers together may have waiting.
    public let observerLimit: Int
    /// Bytes of everything that waits, with ``entryBytes`` for each entry.
    public private(set) var bytes = 0
    /// How much was dropped, by priority.
    public private(set) var dropped = [Int](repeating: 0, count: Priority.allCases.count)
    private var queues: [IdentityKey: [Lane]] = [:]

    /// What an entry costs besides its bytes: many small ones take memory too.
    public static let entryBytes = 64

    public init(limit: Int, observers: Int = .max) {
        self.limit = limit
        observerLimit = min(limit, observers)
    }

    public mutating func add(_ peer: IdentityKey) {
        precondition(queues[peer] == nil, "\(peer) has a queue already")
        queues[peer] = Priority.allCases.map { _ in Lane() }
    }

    /// Forgets what waits for a peer.
    public mutating func remove(_ peer: IdentityKey) {
        guard let lanes = queues.removeValue(forKey: peer) else { return }
        bytes -= lanes.reduce(0) { $0 + $1.bytes }
    }

    /// Bytes that wait for a peer at a priority.
    public func waitingBytes(_ peer: IdentityKey, _ priority: Priority) -> Int {
        queues[peer]?[priority.rawValue].bytes ?? 0
    }

    /// Queues an encoded message, or with ``Priority/statements`` one statement; false if there was no room
    /// even without everything that is less important.
    public mutating func append(_ entry: [UInt8], _ priority: Priority, to peer: IdentityKey) -> Bool {
        guard queues[peer] != nil else { return false }
        let size = entry.count + Self.entryBytes
        if priority == .observers {
            while observerBytes + size > observerLimit {
                guard size <= observerLimit, dropOne(noMoreUrgentThan: .observers) else {
                    dropped[priority.rawValue] += 1
                    return false
                }
            }
        }
        while bytes + size > limit {
            guard size <= limit, dropOne(noMoreUrgentThan: priority) else {
                dropped[priority.rawValue] += 1
                return false
            }
        }
        queues[peer]?[priority.rawValue].append(entry)
        bytes += size
        return true
    }

    private var observerBytes: Int { queues.values.reduce(0) { $0 + $1[Priority.observers.rawValue].bytes } }

    /// The next frames for a peer: in order of priority, together at most `writeBytes` unless a single one is
    /// larger. Statements come as one message.
    public mutating func next(for peer: IdentityKey, writeBytes: Int) -> [[UInt8]] {
        guard var lanes = queues.removeValue(forKey: peer) else { return [] }
        defer { queues[peer] = lanes }
        var frames: [[UInt8]] = []
        var room = writeBytes
        for priority in Priority.allCases {
            var statements: [[UInt8]] = []
            while let size = lanes[priority.rawValue].firstBytes, size <= room || frames.isEmpty && statements.isEmpty {
                guard statements.count < WireMessage.Bounds.statements else { break }
                let entry = lanes[priority.rawValue].removeFirst()
                bytes -= size
                room -= size
                if priority == .statements { statements.append(entry) } else { frames.append(entry) }
            }
            if !statements.isEmpty { frames.append(WireMessage.statements(statements).cbor) }
            // What is more urgent is not overtaken because it is large.
            if lanes[priority.rawValue].firstBytes != nil { break }
        }
        return frames
    }

    /// Drops the oldest entry of the longest queue among the least important that wait.
    private mutating func dropOne(noMoreUrgentThan priority: Priority) -> Bool {
        for victim in Priority.allCases.reversed() where victim >= priority {
            var longest: IdentityKey?
            var most = 0
            for (peer, lanes) in queues {
                let waiting = lanes[victim.rawValue].bytes
                // Ties by key: the order of a dictionary decides nothing.
                if waiting > most || waiting == most && waiting > 0 && peer.value < (longest?.value ?? .zero) {
                    (longest, most) = (peer, waiting)
                }
            }
            guard let longest else { continue }
            if let size = queues[longest]?[victim.rawValue].firstBytes {
                _ = queues[longest]?[victim.rawValue].removeFirst()
                bytes -= size
                dropped[victim.rawValue] += 1
                return true
            }
        }
        return false
    }
}

/// First in, first out.
private struct Lane: Sendable {
    private var entries: [[UInt8]] = []
    /// Entries already taken.
    private var start = 0
    private(set) var bytes = 0

    /// What the first entry counts for; `nil` if there is none.
    var firstBytes: Int? { start < entries.count ? entries[start].count + OutboundQueues.entryBytes : nil }

    mutating func append(_ entry: [UInt8]) {
        entries.append(entry)
        bytes += entry.count + OutboundQueues.entryBytes
    }

    mutating func removeFirst() -> [UInt8] {
        precondition(start < entries.count, "nothing waits")
        let entry = entries[start]
        entries[start] = []
        start += 1
        bytes -= entry.count + OutboundQueues.entryBytes
        if start == entries.count {
            entries.removeAll(keepingCapacity: start <= 1_024)
            start = 0
        } else if start > 1_024, start > entries.count / 2 {
            entries.removeFirst(start)
            start = 0
        }
        return entry
    }
}
