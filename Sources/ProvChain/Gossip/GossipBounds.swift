/// What a node spends on its peers at most. Each is a default; tests and small machines set others.
public struct GossipBounds: Hashable, Sendable {
    /// Bytes that wait to be sent, to all peers together.
    public var outboundBytes = 64 << 20
    /// Bytes handed to a connection at a time, unless one frame is larger. A vote waits behind no more.
    public var writeBytes = 256 << 10
    /// From one exchange of leaf hashes with a random peer to the next.
    public var repairMilliseconds: UInt64 = 2_000
    /// After which a request that was not answered goes to another peer.
    public var fetchMilliseconds: UInt64 = 2_000
    /// Requests to one peer that are not answered yet.
    public var requestsPerPeer = 4
    /// Items of one request. An answer carries what fits into a frame; the rest is asked for again.
    public var itemsPerRequest = 512
    /// Items that this node looks for at a time.
    public var wantedItems = 16_384
    /// For which a peer that provably misbehaved is not talked to.
    public var blockMilliseconds: UInt64 = 600_000
    /// Questions of one peer that wait while one is worked on.
    public var waitingQuestions = 32
    public var allowance = Allowance()
    /// Of one observer: enough to fetch a chain, and little beside what validators may use.
    public var observerAllowance = Allowance.observer
    /// Of ``outboundBytes``, what all observers together may make wait.
    public var observerOutboundBytes = 16 << 20

    /// What one peer may make this node do. Rates are per second; a peer that has been quiet may send the burst
    /// at once.
    public struct Allowance: Hashable, Sendable {
        public var bytes = TokenBucket.Rate(perSecond: 32 << 20, burst: 64 << 20)
        public var messages = TokenBucket.Rate(perSecond: 2_000, burst: 1_000)
        /// Each costs a signature check.
        public var statements = TokenBucket.Rate(perSecond: 10_000, burst: 20_000)
        /// A proposal costs the check of its signatures, as often as it comes: one, and one more for each
        /// ``proposalBytes`` begun.
        public var proposals = TokenBucket.Rate(perSecond: 50, burst: 500)
        /// Each costs a look-up, perhaps on the disk.
        public var items = TokenBucket.Rate(perSecond: 4_000, burst: 20_000)
        /// Bytes of answers. Whoever used more waits for its next answer, and for nothing else: a validator that catches
        /// up still votes, and asks several.
        public var answers = TokenBucket.Rate(perSecond: 4 << 20, burst: 4 << 20)
        /// Bytes of messages of consensus: they are read on the thread that decides.
        public var consensus = TokenBucket.Rate(perSecond: 4 << 20, burst: 16 << 20)
        /// Signatures of votes and certificates that were news here. A view of fifty validators has some seventy, and
        /// it is somebody else each time from whom they come first.
        public var signatures = TokenBucket.Rate(perSecond: 500, burst: 4_000)
        /// Requests for certificates, greetings, and votes that are answered: each answer has up to 64 KiB.
        public var questions = TokenBucket.Rate(perSecond: 40, burst: 400)

        /// Of the bytes of a proposal.
        public static let proposalBytes = 4_096
        /// What an offer costs that wants one in return.
        public static let offerItems = 512

        public init() {}

        public static let observer: Allowance = {
            var allowance = Allowance()
            allowance.bytes = TokenBucket.Rate(perSecond: 1 << 20, burst: 4 << 20)
            allowance.messages = TokenBucket.Rate(perSecond: 100, burst: 400)
            allowance.statements = TokenBucket.Rate(perSecond: 1, burst: 1)
            allowance.items = TokenBucket.Rate(perSecond: 2_000, burst: 8_000)
            allowance.answers = TokenBucket.Rate(perSecond: 2 << 20, burst: 4 << 20)
            allowance.consensus = TokenBucket.Rate(perSecond: 64 << 10, burst: 1 << 20)
            allowance.signatures = TokenBucket.Rate(perSecond: 10, burst: 100)
            allowance.questions = TokenBucket.Rate(perSecond: 5, burst: 50)
            return allowance
        }()
    }

    public init() {}
}
