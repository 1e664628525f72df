/// Divides a block among organisations: whoever has used least of the room so far is next to put its oldest
/// statement in.
struct MempoolShares {
    let room: Mempool.Room
    /// False if all of it is of one organisation, so that nothing need be compared.
    let isShared: Bool

    private struct Lane {
        /// In the order that was given.
        var places: [Int] = []
        var next = 0
        /// Used so far, of the whole room, in parts of ``MempoolShares/whole``.
        var used: UInt64 = 0
    }

    private static let whole: UInt64 = 1 << 32

    /// Places of the chosen statements, ascending.
    func choose(from order: [Mempool.Entry?]) -> [Int] {
        var left = room
        if !isShared {
            var chosen: [Int] = []
            for (place, entry) in order.enumerated() {
                guard let entry else { continue }
                guard take(entry, from: &left) != nil else { break }
                chosen.append(place)
            }
            return chosen
        }
        var lanes = lanes(of: order)
        var chosen: [Int] = []
        while left.statements > 0, let lane = poorest(lanes) {
            let place = lanes[lane].places[lanes[lane].next]
            guard let entry = order[place], let used = take(entry, from: &left) else {
                // Its oldest does not fit, and the younger do not overtake it.
                lanes.remove(at: lane)
                continue
            }
            chosen.append(place)
            lanes[lane].next += 1
            lanes[lane].used += used
            if lanes[lane].next == lanes[lane].places.count { lanes.remove(at: lane) }
        }
        return chosen.sorted()
    }

    /// In order of the oldest statement of each: nothing hangs on the order of a dictionary.
    private func lanes(of order: [Mempool.Entry?]) -> [Lane] {
        var lanes: [Lane] = []
        var indices: [Digest: Int] = [:]
        for (place, entry) in order.enumerated() {
            guard let entry else { continue }
            let index = indices[entry.organisation] ?? lanes.count
            if index == lanes.count {
                indices[entry.organisation] = index
                lanes.append(Lane())
            }
            // Nobody gets more than the whole block.
            if lanes[index].places.count < room.statements { lanes[index].places.append(place) }
        }
        return lanes
    }

    private func poorest(_ lanes: [Lane]) -> Int? {
        // The first of equals.
        lanes.indices.min { lanes[$0].used < lanes[$1].used }
    }

    /// What a statement uses of the room, or `nil` if it does not fit.
    private func take(_ entry: Mempool.Entry, from left: inout Mempool.Room) -> UInt64? {
        let size = entry.statement.encoded.count
        let cost = Cost.of(entry.statement.payload)
        guard left.statements > 0, size <= left.bytes, cost <= left.cost else { return nil }
        left.statements -= 1
        left.bytes -= size
        left.cost -= cost
        return Self.whole / UInt64(max(room.statements, 1))
            + UInt64(size) * Self.whole / UInt64(max(room.bytes, 1)) + cost * Self.whole / max(room.cost, 1)
    }
}
