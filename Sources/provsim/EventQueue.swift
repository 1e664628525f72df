/// What happens when: a binary heap by moment, then by order of scheduling.
struct EventQueue<Event> {
    private struct Item {
        let time: UInt64
        let order: UInt64
        let event: Event
    }

    private var heap: [Item] = []
    private var scheduled: UInt64 = 0

    /// Microseconds.
    mutating func schedule(_ event: Event, at time: UInt64) {
        scheduled += 1
        heap.append(Item(time: time, order: scheduled, event: event))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next() -> (time: UInt64, event: Event)? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return (last.time, last.event) }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            if least == parent { break }
            heap.swapAt(least, parent)
            parent = least
        }
        return (first.time, first.event)
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (heap[a].time, heap[a].order) < (heap[b].time, heap[b].order)
    }
}
