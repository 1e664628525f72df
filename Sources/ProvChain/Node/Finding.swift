/// One thing that somebody who asks "why is there no block?" should know.
public struct Finding: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case working = "chain.working"
        case idle = "chain.idle"
        case stalled = "chain.stalled"
        case tooFew = "validators.too-few"
        case disconnected = "validator.disconnected"
        case silent = "validator.silent"
        case equivocated = "validator.equivocated"
        case otherClock = "validator.clock"
        case catchingUp = "node.catching-up"
        case journalLost = "node.journal-lost"
        case observer = "node.observer"
        case diverged = "node.diverged"
        case ownClock = "node.clock"
        case diskShort = "node.disk-short"
    }

    public let kind: Kind
    public let values: [String: String]

    public init(_ kind: Kind, _ values: [String: String] = [:]) {
        self.kind = kind
        self.values = values
    }

    public func text(in language: Language) -> String { kind.phrase.text(in: language, values) }
}

extension Finding.Kind {
    public var phrase: Phrase {
        switch self {
        case .working:
            Phrase(
                "The chain makes blocks: block {height} is {seconds} s old.",
                "链正在出块：区块 {height} 是 {seconds} 秒前的。")
        case .idle:
            Phrase(
                "Nothing waits. Block {height} is {seconds} s old; an idle chain makes an empty block every {interval} s.",
                "没有等待的声明。区块 {height} 是 {seconds} 秒前的；空闲的链每 {interval} 秒出一个空块。")
        case .stalled:
            Phrase(
                "No block was final for {seconds} s. This node is at height {height} in view {view}, "
                    + "which {leader} leads; {waiting} statements wait here.",
                "已有 {seconds} 秒没有区块定案。本节点在高度 {height}、视图 {view}，由 {leader} 主持；此处有 {waiting} 条声明在等待。")
        case .tooFew:
            Phrase(
                "Only {reachable} of {count} validators can be reached, this node included, and {quorum} must agree. "
                    + "Blocks come again by themselves as soon as enough of them run and are connected.",
                "连同本节点，{count} 个验证者中只能连到 {reachable} 个，而需要 {quorum} 个同意。足够多的验证者运行并连上后会自动恢复出块。")
        case .disconnected:
            Phrase(
                "{name} has not been connected for {seconds} s: is it running, and do both sides have the right "
                    + "address in [peers]?",
                "{name} 已断开 {seconds} 秒：它在运行吗？双方 [peers] 里的地址对吗？")
        case .silent:
            Phrase(
                "{name} is connected but has not voted for {seconds} s. Ask its operator for `provnode why` there.",
                "{name} 已连接，但 {seconds} 秒没有投票。请其运维者在那里运行 `provnode why`。")
        case .equivocated:
            Phrase(
                "{name} contradicted itself in its votes. Its key is used twice, or it lies: tell the consortium.",
                "{name} 的投票自相矛盾。其密钥被重复使用，或它在作假：请告知联盟。")
        case .otherClock:
            Phrase(
                "The clock of {name} differs from this node's by {seconds} s; its blocks may be refused.",
                "{name} 的时钟与本节点相差 {seconds} 秒；它的区块可能被拒绝。")
        case .catchingUp:
            Phrase(
                "This node catches up: {height} of {target} blocks, about {remaining} s to go.",
                "本节点正在追赶：{height} / {target} 个区块，约剩 {remaining} 秒。")
        case .journalLost:
            Phrase(
                "This node does not vote, because the journal of its votes is lost; voting without it could contradict "
                    + "what it said. It follows the chain. Found a new vote key to vote again.",
                "本节点不投票，因为其投票日志已丢失；没有它就可能自相矛盾。它继续跟随链。要再投票需要新的投票密钥。")
        case .observer:
            Phrase("This node is no validator; it follows the chain.", "本节点不是验证者；它跟随链。")
        case .diverged:
            Phrase(
                "A quorum stands behind block {block} of view {view}, which is invalid here. This node stopped voting and "
                    + "does not begin again by itself: compare the program's version with the others', run `provnode "
                    + "verify --deep`, then `provnode resume --block {block}`.",
                "法定多数支持视图 {view} 的区块 {block}，而它在此处无效。本节点已停止投票，不会自行恢复：请与其他节点比对程序版本，运行 `provnode verify --deep`，"
                    + "再运行 `provnode resume --block {block}`。")
        case .ownClock:
            Phrase(
                "This node's clock differs from most others' by {seconds} s: set it (NTP). Until then its blocks may be "
                    + "refused, and it may wait with votes for others'.",
                "本节点的时钟与多数节点相差 {seconds} 秒：请校准（NTP）。在此之前它的区块可能被拒绝，对他人区块的投票也可能延迟。")
        case .diskShort:
            Phrase(
                "The disk has {free} bytes left and the reserve is {reserve}: this node takes no statements until there "
                    + "is space.",
                "磁盘只剩 {free} 字节，保留量为 {reserve}：腾出空间之前本节点不接收声明。")
        }
    }
}
