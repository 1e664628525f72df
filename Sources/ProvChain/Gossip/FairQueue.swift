/// What waits of several senders, who take turns: each gets the same share of bytes, however much it sends, so that
/// a flood of one delays the others by no more than a turn.
///
/// Deficit round robin (Shreedhar and Varghese, SIGCOMM 1995). At its turn a sender's credit grows by its share, and
/// what the credit covers goes; what is left of it counts at the next turn, unless nothing waits any more. Order
/// within a sender is kept. It bounds nothing: whoever fills it stops reading in time.
public struct FairQueue<Sender: Hashable & Sendable, Element: Sendable>: Sendable {
    private struct Line {
        /// `nil` for what was taken.
        var entries: [(element: Element?, cost: Int)] = []
        var start = 0
        var credit = 0
        var cost: Int { entries[start].cost }
        var isEmpty: Bool { start == entries.count }

        mutating func removeFirst() -> Element? {
            let (element, cost) = entries[start]
            entries[start].element = nil
            start += 1
            credit -= min(cost, credit)
            if start >= FairQueue.compaction {
                entries.removeFirst(start)
                start = 0
            }
            return element
        }
    }

    /// Entries taken after which a line gives their memory back.
    private static var compaction: Int { 256 }

    /// Bytes by which a sender's credit grows at its turn, unless another share was set for it.
    public let share: Int
    private var shares: [Sender: Int] = [:]
    private var lines: [Sender: Line] = [:]
    /// Senders of whom something waits; the first one is at its turn.
    private var turns: [Sender] = []

    public init(share: Int) {
        precondition(share > 0, "a share of \(share) bytes")
        self.share = share
    }

    public var isEmpty: Bool { turns.isEmpty }

    /// How many elements of a sender wait.
    public func count(of sender: Sender) -> Int { lines[sender].map { $0.entries.count - $0.start } ?? 0 }

    /// Gives a sender another share than the others, until ``forget(_:)``.
    public mutating func setShare(_ bytes: Int, of sender: Sender) {
        precondition(bytes > 0, "a share of \(bytes) bytes")
        shares[sender] = bytes
    }

    /// - Parameter cost: what the element counts for, in bytes.
    public mutating func append(_ element: Element, cost: Int, of sender: Sender) {
        if lines[sender] == nil {
            lines[sender] = Line()
            turns.append(sender)
        }
        lines[sender]?.entries.append((element, cost))
    }

    /// Takes the next element; `nil` if nothing waits.
    public mutating func next() -> Element? {
        while let sender = turns.first, let credit = lines[sender]?.credit, let cost = lines[sender]?.cost {
            // Alone, it need not wait for a credit.
            if turns.count == 1 || credit >= cost { return take(sender) }
            lines[sender]?.credit += shares[sender] ?? share
            turns.removeFirst()
            turns.append(sender)
        }
        return nil
    }

    private mutating func take(_ sender: Sender) -> Element? {
        guard let taken = lines[sender]?.removeFirst() else { return nil }
        if lines[sender]?.isEmpty == true {
            lines[sender] = nil
            turns.removeFirst()
        }
        return taken
    }

    /// Drops what waits of a sender, but for what is to be kept.
    public mutating func drop(_ sender: Sender, keeping isKept: (Element) -> Bool) {
        guard let line = lines[sender] else { return }
        let kept = line.entries[line.start...].filter { $0.element.map(isKept) ?? false }
        if kept.isEmpty {
            lines[sender] = nil
            turns.removeAll { $0 == sender }
        } else {
            lines[sender] = Line(entries: Array(kept), credit: line.credit)
        }
    }

    /// Its share is the common one again.
    public mutating func forget(_ sender: Sender) { shares[sender] = nil }
}
