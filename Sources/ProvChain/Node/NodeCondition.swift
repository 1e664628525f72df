/// What a node knows about itself and the other validators at one moment: all that it takes to say why the chain
/// makes blocks or does not. Plain values; times are milliseconds.
public struct NodeCondition: Hashable, Sendable {
    /// A validator, as this node sees it.
    public struct Validator: Hashable, Sendable {
        public var name: String
        public var isSelf: Bool
        public var isConnected: Bool
        /// For how long it has been connected, or not.
        public var since: UInt64
        /// Since it last voted or proposed; `nil` if it never did while this node ran.
        public var lastVote: UInt64?
        public var height: UInt64
        /// How far its clock is ahead of this node's; negative if behind; `nil` if unknown.
        public var clockOffset: Int64?
        /// It said two things of which an honest validator says one.
        public var hasEquivocated: Bool

        public init(
            name: String, isSelf: Bool = false, isConnected: Bool = true, since: UInt64 = 0, lastVote: UInt64? = nil,
            height: UInt64 = 0, clockOffset: Int64? = nil, hasEquivocated: Bool = false
        ) {
            self.name = name
            self.isSelf = isSelf
            self.isConnected = isConnected
            self.since = since
            self.lastVote = lastVote
            self.height = height
            self.clockOffset = clockOffset
            self.hasEquivocated = hasEquivocated
        }
    }

    public struct CatchUp: Hashable, Sendable {
        public var height: UInt64
        public var target: UInt64
        /// Milliseconds to go, once there is a speed to tell from.
        public var remaining: UInt64?

        public init(height: UInt64, target: UInt64, remaining: UInt64?) {
            self.height = height
            self.target = target
            self.remaining = remaining
        }
    }

    public struct Disk: Hashable, Sendable {
        public var free: Int
        public var reserve: Int

        public init(free: Int, reserve: Int) {
            self.free = free
            self.reserve = reserve
        }
    }

    /// Somebody without a vote who follows the chain by this node.
    public struct Observer: Hashable, Sendable {
        public var name: String
        public var isConnected: Bool
        /// For how long it has been connected, or not.
        public var since: UInt64
        public var height: UInt64

        public init(name: String, isConnected: Bool, since: UInt64, height: UInt64) {
            self.name = name
            self.isConnected = isConnected
            self.since = since
            self.height = height
        }
    }

    /// By index.
    public var validators: [Validator]
    public var height: UInt64
    public var view: UInt64
    public var leader: UInt64
    /// Since the last final block, by the wall clock.
    public var lastBlock: UInt64
    /// After which an idle chain makes an empty block.
    public var idleInterval: UInt64
    /// How far a block's time may be ahead of a voter's clock.
    public var clockSkew: UInt64
    /// Statements that wait here.
    public var waiting: Int
    public var silence: Simplex.Silence?
    public var catchUp: CatchUp?
    /// The disk, if it has less left than its reserve.
    public var shortDisk: Disk?
    public var observers: [Observer]

    public init(
        validators: [Validator], height: UInt64, view: UInt64, leader: UInt64, lastBlock: UInt64,
        idleInterval: UInt64 = 10_000, clockSkew: UInt64 = 5_000, waiting: Int = 0, silence: Simplex.Silence? = nil,
        catchUp: CatchUp? = nil, shortDisk: Disk? = nil, observers: [Observer] = []
    ) {
        self.validators = validators
        self.height = height
        self.view = view
        self.leader = leader
        self.lastBlock = lastBlock
        self.idleInterval = idleInterval
        self.clockSkew = clockSkew
        self.waiting = waiting
        self.silence = silence
        self.catchUp = catchUp
        self.shortDisk = shortDisk
        self.observers = observers
    }
}
