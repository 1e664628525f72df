import ProvChain

/// A part of a list, and where it goes on.
struct IndexPage<Row: Sendable>: Sendable {
    let rows: [Row]
    /// To be passed as `after` for the next page; `nil` after the last row.
    let next: UInt64?
}

/// One entry of a record's history, with the statement behind it.
struct HistoryEvent: Hashable, Sendable {
    /// From 1, without gaps.
    let number: UInt64
    let link: HistoryLink
    let type: String
    let issuer: Digest
    let leafIndex: UInt64
    /// The head of the history after this event.
    let head: Digest
    /// The record's body after the statement.
    let body: [UInt8]
}

/// A range of a record's history.
struct HistoryPage: Hashable, Sendable {
    /// The complete history, or, as of a time, the part of it that existed then.
    let history: History
    let events: [HistoryEvent]
    /// The number of the first event that is missing from the page.
    let next: UInt64?
}

/// Who claimed a hash, first to last.
struct HashClaims: Hashable, Sendable {
    struct Claim: Hashable, Sendable {
        let party: Digest
        let work: Digest
        let version: UInt32
        /// Block time, milliseconds.
        let time: UInt64
        /// True if somebody else claims this hash as well, or other content of the version.
        let isContested: Bool
        let title: String?
    }

    let hash: Digest
    /// All claims, those beyond the limit included.
    let count: UInt64
    let claims: [Claim]
    /// To be passed as `after` for the next page; `nil` after the last claim.
    var next: UInt64?
}

struct IndexedWork: Hashable, Sendable {
    let work: Digest
    /// `nil` while the metadata are not here.
    let title: String?
    let claimant: Digest
    let category: UInt64
    /// Block time of the registration, milliseconds.
    let time: UInt64
    let metadata: Digest
    let leafIndex: UInt64
}

struct TitleHolding: Hashable, Sendable {
    let urn: URN
    let work: Digest
    /// Basis points.
    let share: UInt64
}

struct IndexedOffer: Hashable, Sendable {
    let offer: Digest
    let work: Digest
    let right: UInt64
    let offerer: Digest
    let recipient: Digest
    /// Basis points.
    let share: UInt64
    /// Unix seconds.
    let deadline: UInt64
    /// A raw ``OfferStatus``. That the deadline passed is not part of it.
    let status: UInt64
    let leafIndex: UInt64
}

// MARK: What the API says of them

extension HistoryPage {
    func view(of urn: URN) -> HistoryView {
        HistoryView(
            urn: urn.description, count: history.count, head: history.head.hex,
            events: events.map { event in
                HistoryView.Event(
                    number: event.number, statement: event.link.statement.hex, type: event.type,
                    issuer: URN.party(event.issuer).description, height: event.link.height,
                    position: event.link.position, time: event.link.time, bodyHash: event.link.bodyHash.hex,
                    body: Hex.encode(event.body))
            },
            next: next)
    }
}

extension HashClaims {
    var view: LookupView {
        LookupView(
            hash: hash.hex, count: count,
            claims: claims.map { claim in
                LookupView.Claim(
                    party: URN.party(claim.party).description, work: URN.work(claim.work).description,
                    version: claim.version, time: claim.time, contested: claim.isContested, title: claim.title)
            })
    }
}

extension IndexPage<IndexedWork> {
    func view(_ cursor: PageCursor) -> WorkListView {
        WorkListView(
            works: rows.map { row in
                WorkListView.Entry(
                    work: URN.work(row.work).description, title: row.title,
                    claimant: URN.party(row.claimant).description, time: row.time)
            },
            next: cursor.text(next))
    }
}
