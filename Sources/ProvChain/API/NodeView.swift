/// A node and the validators as it sees them, over HTTP: `GET /api/v1/node`.
public struct NodeView: Codable, Hashable, Sendable {
    public struct Validator: Codable, Hashable, Sendable {
        public var index: UInt64
        public var name: String
        public var isSelf: Bool
        public var connected: Bool
        /// Milliseconds for which it has been connected, or not.
        public var since: UInt64
        /// Milliseconds since it voted or proposed.
        public var lastVote: UInt64?
        public var height: UInt64
        /// Milliseconds by which its clock is ahead.
        public var clockOffset: Int64?
    }

    /// Somebody without a vote who follows the chain by this node.
    public struct Observer: Codable, Hashable, Sendable {
        public var name: String
        public var connected: Bool
        /// Milliseconds for which it has been connected, or not.
        public var since: UInt64
        public var height: UInt64
    }

    public struct CatchUp: Codable, Hashable, Sendable {
        public var height: UInt64
        public var target: UInt64
        /// Milliseconds to go, as far as can be said.
        public var remaining: UInt64?
    }

    public struct FindingView: Codable, Hashable, Sendable {
        public var kind: String
        public var values: [String: String]
        /// By language: `en`, `zh`.
        public var text: [String: String]
    }

    /// `validator` or `observer`.
    public var role: String
    public var height: UInt64
    public var view: UInt64
    /// Index of the validator that leads the view.
    public var leader: UInt64
    /// Milliseconds since the last final block.
    public var lastBlock: UInt64
    public var waiting: Int
    public var votes: Bool
    public var validators: [Validator]
    /// Whom this node lets in besides them.
    public var observers: [Observer]
    public var catchUp: CatchUp?
    /// Why the chain makes blocks or does not, what matters most first.
    public var findings: [FindingView]

    public init(_ condition: NodeCondition) {
        role = condition.silence == .observer ? "observer" : "validator"
        height = condition.height
        view = condition.view
        leader = condition.leader
        lastBlock = condition.lastBlock
        waiting = condition.waiting
        votes = condition.silence == nil
        validators = condition.validators.enumerated().map { place, validator in
            Validator(
                index: UInt64(place), name: validator.name, isSelf: validator.isSelf,
                connected: validator.isSelf || validator.isConnected, since: validator.since,
                lastVote: validator.lastVote, height: validator.height, clockOffset: validator.clockOffset)
        }
        observers = condition.observers.map {
            Observer(name: $0.name, connected: $0.isConnected, since: $0.since, height: $0.height)
        }
        catchUp = condition.catchUp.map { CatchUp(height: $0.height, target: $0.target, remaining: $0.remaining) }
        findings = condition.findings.map { finding in
            FindingView(
                kind: finding.kind.rawValue, values: finding.values,
                text: Dictionary(
                    uniqueKeysWithValues: Language.allCases.map { ($0.rawValue, finding.text(in: $0)) }))
        }
    }
}
