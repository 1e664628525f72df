import ProvChain

extension Node {
    /// What this node knows of itself and the others, for whoever asks how it is.
    func condition() async -> NodeView {
        let (now, wall) = (MonotonicClock.now(), WallClock.now())
        let parameters = ledger.tip.epoch.parameters
        return NodeView(
            NodeCondition(
                validators: peers.standings.indices.map { validator(UInt64($0), now) },
                height: ledger.tip.header.height, view: consensus.view, leader: committee.leader(of: consensus.view),
                lastBlock: wall - min(wall, ledger.tip.header.time), idleInterval: parameters.idleIntervalMilliseconds,
                clockSkew: parameters.maximumClockSkewMilliseconds, waiting: mempool.count, silence: consensus.silence,
                catchUp: catchUpProgress(now),
                shortDisk: space.shortage(now: wall).map { .init(free: $0, reserve: space.reserve) },
                observers: peers.observers.map { observer in
                    .init(
                        name: observer.name, isConnected: observer.standing.isConnected,
                        since: now.milliseconds - observer.standing.since.milliseconds,
                        height: observer.standing.height)
                }))
    }

    private func validator(_ index: UInt64, _ now: Instant) -> NodeCondition.Validator {
        let standing = peers.standings[Int(index)]
        let isSelf = index == peers.own
        return NodeCondition.Validator(
            name: name(of: index), isSelf: isSelf, isConnected: standing.isConnected,
            since: now.milliseconds - standing.since.milliseconds,
            lastVote: standing.lastVote.map { now.milliseconds - $0.milliseconds },
            height: isSelf ? ledger.tip.header.height : standing.height, clockOffset: standing.clockOffset,
            hasEquivocated: equivocations[index] != nil)
    }

    private func catchUpProgress(_ now: Instant) -> NodeCondition.CatchUp? {
        let height = ledger.tip.header.height
        guard catchUp.isRunning, catchUp.target > height else { return nil }
        return .init(height: height, target: catchUp.target, remaining: catchUp.remaining(at: height, now: now))
    }
}
