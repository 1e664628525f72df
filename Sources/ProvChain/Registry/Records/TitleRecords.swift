/// Who holds one right in a work, in basis points that add up to ``Limits/wholeTitle`` after every statement.
public struct TitleRecord: Record {
    /// Ascending by party; every share is at least 1.
    public private(set) var holders: [Holder]

    public struct Holder: Hashable, Sendable {
        public let party: Digest
        public let share: UInt64
    }

    /// The whole title in one hand, as a registration leaves it.
    public init(holder: Digest) { holders = [Holder(party: holder, share: Limits.wholeTitle)] }

    public func share(of party: Digest) -> UInt64 {
        holders.first { $0.party == party }?.share ?? 0
    }

    /// Moves basis points between two parties.
    ///
    /// - Precondition: `from` holds at least `share`.
    public mutating func move(_ share: UInt64, from: Digest, to: Digest) {
        precondition(self.share(of: from) >= share, "moving \(share) of \(self.share(of: from))")
        var shares = [Digest: UInt64](uniqueKeysWithValues: holders.map { ($0.party, $0.share) })
        shares[from, default: 0] -= share
        shares[to, default: 0] += share
        holders = shares.filter { $0.value > 0 }.map { Holder(party: $0.key, share: $0.value) }
            .sorted { $0.party < $1.party }
        precondition(holders.reduce(0) { $0 + $1.share } == Limits.wholeTitle, "shares must add up")
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(1)
        writer.uint(1)
        writer.array(holders.count)
        for holder in holders {
            writer.array(2)
            writer.digest(holder.party)
            writer.uint(holder.share)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        var holders: [Holder] = []
        for _ in 0..<(try reader.array(atMost: Limits.titleHolders)) {
            try reader.array(count: 2)
            let party = try reader.digest()
            holders.append(Holder(party: party, share: try reader.uint(atMost: Limits.wholeTitle)))
        }
        try map.finish(reader)
        let isAscending = zip(holders, holders.dropFirst()).allSatisfy { $0.party < $1.party }
        guard isAscending, holders.allSatisfy({ $0.share > 0 }),
            holders.reduce(0, { $0 + $1.share }) == Limits.wholeTitle
        else { throw CBORError(.invalidValue("shares must ascend by party and add up to 10,000"), at: start) }
        self.holders = holders
    }
}

/// An offer of title and what became of it. That its deadline passed follows from the clock of the blocks.
public struct OfferRecord: Record {
    public let offer: OfferTitle
    public let offerer: Digest
    public var status: OfferStatus

    public init(offer: OfferTitle, offerer: Digest, status: OfferStatus) {
        self.offer = offer
        self.offerer = offerer
        self.status = status
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(3)
        writer.uint(1)
        writer.value(offer)
        writer.uint(2)
        writer.digest(offerer)
        writer.uint(3)
        writer.uint(status.rawValue)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        offer = try reader.value()
        try map.key(2, &reader)
        offerer = try reader.digest()
        try map.key(3, &reader)
        status = try reader.vocabulary(OfferStatus.self)
        try map.finish(reader)
    }
}
