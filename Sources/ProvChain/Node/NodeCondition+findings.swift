extension NodeCondition {
    /// A validator that said nothing for this long while blocks were due is worth a word, in milliseconds.
    public static let silenceWorthSaying: UInt64 = 5_000

    /// Why this chain, or this node, makes blocks or does not; what matters most comes first.
    public var findings: [Finding] { [progress] + own + others }

    private var quorum: Int { Quorum.size(of: validators.count) }

    /// True if there was time enough for a block, and something to make one for.
    private var isStalled: Bool {
        lastBlock > (waiting > 0 ? Self.silenceWorthSaying : idleInterval + Self.silenceWorthSaying)
    }

    private var progress: Finding {
        let seconds = Self.seconds(lastBlock)
        if isStalled, catchUp == nil {
            let leader = validators.indices.contains(Int(leader)) ? validators[Int(leader)].name : "?"
            return Finding(
                .stalled,
                [
                    "seconds": seconds, "height": "\(height)", "view": "\(view)", "leader": leader,
                    "waiting": "\(waiting)",
                ])
        }
        guard waiting == 0, catchUp == nil else {
            return Finding(.working, ["height": "\(height)", "seconds": seconds])
        }
        return Finding(
            .idle, ["height": "\(height)", "seconds": seconds, "interval": Self.seconds(idleInterval)])
    }

    /// What is the matter with this node.
    private var own: [Finding] {
        var findings: [Finding] = []
        switch silence {
        case nil: break
        case .observer: findings.append(Finding(.observer))
        case .journalLost: findings.append(Finding(.journalLost))
        case .divergence(let view, let block):
            findings.append(Finding(.diverged, ["view": "\(view)", "block": "\(block)"]))
        }
        if let catchUp {
            findings.append(
                Finding(
                    .catchingUp,
                    [
                        "height": "\(catchUp.height)", "target": "\(catchUp.target)",
                        "remaining": catchUp.remaining.map(Self.seconds) ?? "?",
                    ]))
        }
        if let shortDisk {
            findings.append(
                Finding(.diskShort, ["free": "\(shortDisk.free)", "reserve": "\(shortDisk.reserve)"]))
        }
        if let offset = ownClockOffset { findings.append(Finding(.ownClock, ["seconds": Self.seconds(offset)])) }
        return findings
    }

    /// What is the matter with the others.
    private var others: [Finding] {
        var findings: [Finding] = []
        // An observer needs one connection, and hears no votes.
        if silence == .observer {
            guard !validators.contains(where: \.isConnected) else { return [] }
            return validators.map { Finding(.disconnected, ["name": $0.name, "seconds": Self.seconds($0.since)]) }
        }
        let reachable = validators.count { $0.isSelf || $0.isConnected }
        if reachable < quorum {
            findings.append(
                Finding(
                    .tooFew,
                    ["reachable": "\(reachable)", "count": "\(validators.count)", "quorum": "\(quorum)"]))
        }
        for validator in validators where !validator.isSelf { findings += judge(validator) }
        return findings
    }

    private func judge(_ validator: Validator) -> [Finding] {
        var findings: [Finding] = []
        if !validator.isConnected {
            findings.append(
                Finding(.disconnected, ["name": validator.name, "seconds": Self.seconds(validator.since)]))
        } else if isStalled {
            let silent = validator.lastVote ?? validator.since
            if silent > Self.silenceWorthSaying {
                findings.append(Finding(.silent, ["name": validator.name, "seconds": Self.seconds(silent)]))
            }
        }
        if validator.hasEquivocated { findings.append(Finding(.equivocated, ["name": validator.name])) }
        if let offset = validator.clockOffset, offset.magnitude > clockSkew, ownClockOffset == nil {
            findings.append(
                Finding(.otherClock, ["name": validator.name, "seconds": Self.seconds(offset.magnitude)]))
        }
        return findings
    }

    /// Milliseconds by which this node's clock is off, if most of the others agree that it is.
    private var ownClockOffset: UInt64? {
        let offsets = validators.filter { !$0.isSelf }.compactMap(\.clockOffset)
        let (ahead, behind) = (offsets.filter { $0 > Int64(clockSkew) }, offsets.filter { $0 < -Int64(clockSkew) })
        let side = ahead.count > behind.count ? ahead : behind
        guard offsets.count > 1, 2 * side.count > offsets.count else { return nil }
        return side.map(\.magnitude).min()
    }

    private static func seconds(_ milliseconds: UInt64) -> String { "\((milliseconds + 500) / 1_000)" }
}
