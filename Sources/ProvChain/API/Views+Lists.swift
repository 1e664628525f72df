// Lists of what a party holds and was offered.

/// The shares that a party holds.
public struct TitleListView: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        public var title: String
        public var work: String
        public var right: String
        /// Basis points.
        public var share: UInt64

        public init(title: String, work: String, right: String, share: UInt64) {
            self.title = title
            self.work = work
            self.right = right
            self.share = share
        }
    }

    public var titles: [Entry]
    /// Where to go on, for the query's `after`.
    public var next: String?

    public init(titles: [Entry], next: String?) {
        self.titles = titles
        self.next = next
    }
}

/// The offers of title that a party made or received.
public struct OfferListView: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        public var offer: String
        public var work: String
        public var right: String
        public var offerer: String
        public var recipient: String
        /// Basis points.
        public var share: UInt64
        /// Unix seconds.
        public var deadline: UInt64
        /// `open`, `accepted`, `declined`, `cancelled`, or `lapsed` when an open one is past its deadline.
        public var status: String

        public init(
            offer: String, work: String, right: String, offerer: String, recipient: String, share: UInt64,
            deadline: UInt64, status: String
        ) {
            self.offer = offer
            self.work = work
            self.right = right
            self.offerer = offerer
            self.recipient = recipient
            self.share = share
            self.deadline = deadline
            self.status = status
        }
    }

    public var offers: [Entry]
    /// Where to go on, for the query's `after`.
    public var next: String?

    public init(offers: [Entry], next: String?) {
        self.offers = offers
        self.next = next
    }
}
