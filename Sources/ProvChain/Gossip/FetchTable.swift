/// What this node lacks and looks for: each item at one peer at a time, then at the next one, until somebody
/// has it or all were asked.
struct FetchTable: Sendable {
    /// How the search for an item ended.
    enum Outcome: Hashable, Sendable {
        case found(FetchItem, [UInt8], from: IdentityKey)
        /// Everybody who could be asked was asked.
        case missing(FetchItem)
    }

    private struct Want {
        /// Peers that were not asked yet, in order.
        var candidates: [IdentityKey]
        /// The number of the request that asks for it now.
        var request: UInt64?
    }

    private struct Request {
        let peer: IdentityKey
        let items: [FetchItem]
        /// Milliseconds.
        let deadline: UInt64
    }

    private let bounds: GossipBounds
    private var wants: [FetchItem: Want] = [:]
    /// Wanted items that no request asks for, in order.
    private var idle: [FetchItem] = []
    private var requests: [UInt64: Request] = [:]
    private var open: [IdentityKey: Int] = [:]
    /// Peers that let a request run out, and answered nothing since: others are asked first.
    private var silent: Set<IdentityKey> = []
    private var lastNumber: UInt64 = 0

    init(bounds: GossipBounds) { self.bounds = bounds }

    var count: Int { wants.count }

    /// Looks for an item at the candidates, in order; false if too much is looked for already.
    mutating func want(_ item: FetchItem, at candidates: [IdentityKey]) -> Bool {
        if wants[item] != nil {
            // Who offers it now can be asked later.
            for peer in candidates where wants[item]?.candidates.contains(peer) == false {
                wants[item]?.candidates.append(peer)
            }
            return true
        }
        guard wants.count < bounds.wantedItems else { return false }
        wants[item] = Want(candidates: candidates)
        idle.append(item)
        return true
    }

    /// Stops looking, because it came another way.
    mutating func forget(_ item: FetchItem) { wants[item] = nil }

    /// The requests to send now. `connected` is who can be asked.
    mutating func due(
        now: UInt64, connected: (IdentityKey) -> Bool
    ) -> (requests: [(IdentityKey, FetchRequest)], missing: [Outcome]) {
        expire(now)
        var batches: [IdentityKey: [FetchItem]] = [:]
        var order: [IdentityKey] = []
        var missing: [Outcome] = []
        var waiting: [FetchItem] = []
        var seen: Set<FetchItem> = []
        for item in idle {
            // Forgotten and wanted again, it is there twice.
            guard let want = wants[item], want.request == nil, seen.insert(item).inserted else { continue }
            let candidates = want.candidates.filter(connected)
            wants[item]?.candidates = candidates
            guard !candidates.isEmpty else {
                wants[item] = nil
                missing.append(.missing(item))
                continue
            }
            let free = candidates.filter { peer in
                open[peer, default: 0] < bounds.requestsPerPeer
                    && batches[peer, default: []].count < bounds.itemsPerRequest
            }
            // All candidates are busy: it stays idle until one of them answers.
            guard let peer = free.first(where: { !silent.contains($0) }) ?? free.first else {
                waiting.append(item)
                continue
            }
            if batches[peer] == nil { order.append(peer) }
            batches[peer, default: []].append(item)
        }
        idle = waiting
        let made = order.map { peer in (peer, start(batches[peer] ?? [], at: peer, now: now)) }
        return (made, missing)
    }

    private mutating func start(_ items: [FetchItem], at peer: IdentityKey, now: UInt64) -> FetchRequest {
        lastNumber += 1
        for item in items {
            wants[item]?.request = lastNumber
            wants[item]?.candidates.removeAll { $0 == peer }
        }
        requests[lastNumber] = Request(peer: peer, items: items, deadline: now + bounds.fetchMilliseconds)
        open[peer, default: 0] += 1
        return FetchRequest(number: lastNumber, items: items)
    }

    /// Takes an answer; `nil` if nobody asked that peer, or it has more items than were asked for.
    mutating func take(_ answer: FetchAnswer, from peer: IdentityKey) -> [Outcome]? {
        guard let request = requests[answer.number], request.peer == peer,
            answer.items.count <= request.items.count
        else { return nil }
        close(answer.number)
        silent.remove(peer)
        var outcomes: [Outcome] = []
        for (item, bytes) in zip(request.items, answer.items) where wants[item]?.request == answer.number {
            if let bytes {
                wants[item] = nil
                outcomes.append(.found(item, bytes, from: peer))
            } else {
                release(item)
            }
        }
        // What did not fit is asked of the same peer again, if it gave anything: so the search ends.
        for item in request.items.dropFirst(answer.items.count) where wants[item]?.request == answer.number {
            if !answer.items.isEmpty { wants[item]?.candidates.insert(peer, at: 0) }
            release(item)
        }
        return outcomes
    }

    /// Asks others for what this peer was asked.
    mutating func remove(_ peer: IdentityKey) {
        for number in requests.filter({ $0.value.peer == peer }).keys.sorted() { fail(number) }
        open[peer] = nil
        silent.remove(peer)
    }

    private mutating func expire(_ now: UInt64) {
        for number in requests.filter({ $0.value.deadline <= now }).keys.sorted() {
            if let peer = requests[number]?.peer { silent.insert(peer) }
            fail(number)
        }
    }

    private mutating func fail(_ number: UInt64) {
        guard let request = requests[number] else { return }
        close(number)
        for item in request.items where wants[item]?.request == number { release(item) }
    }

    private mutating func close(_ number: UInt64) {
        guard let request = requests.removeValue(forKey: number) else { return }
        open[request.peer, default: 1] -= 1
    }

    private mutating func release(_ item: FetchItem) {
        wants[item]?.request = nil
        idle.append(item)
    }
}
