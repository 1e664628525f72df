// What the HTTP API says in JSON. The node encodes these, provcli decodes them.

/// A statement's place in the chain.
public struct StatementView: Codable, Hashable, Sendable {
    public enum Status: String, Codable, Sendable { case pending, final }

    public var statement: String
    public var leafHash: String
    public var status: Status
    public var type: String?
    public var issuer: String?
    public var height: UInt64?
    public var position: UInt64?
    public var leafIndex: UInt64?
    /// Block time, milliseconds since 1970.
    public var time: UInt64?
    /// URNs of every record that the statement touched.
    public var records: [String]?
    public var work: String?
    public var version: UInt32?
    public var manifestRoot: String?
    /// URNs of other claimants' works with equal content; empty means uncontested.
    public var contestedWith: [String]?
    public var party: String?
    public var offer: String?

    public init(statement: String, leafHash: String, status: Status) {
        self.statement = statement
        self.leafHash = leafHash
        self.status = status
    }
}

/// A record after the latest block.
public struct RecordView: Codable, Hashable, Sendable {
    public var urn: String
    public var kind: String
    public var height: UInt64
    public var time: UInt64
    public var historyCount: UInt64
    public var historyHead: String
    /// The stored record's bytes, hexadecimal: what the state tree commits to.
    public var cbor: String
    /// The record's fields by name.
    public var record: JSONValue
    public var metadata: MetadataView?

    public init(
        urn: String, kind: String, height: UInt64, time: UInt64, historyCount: UInt64, historyHead: String,
        cbor: String, record: JSONValue, metadata: MetadataView?
    ) {
        self.urn = urn
        self.kind = kind
        self.height = height
        self.time = time
        self.historyCount = historyCount
        self.historyHead = historyHead
        self.cbor = cbor
        self.record = record
        self.metadata = metadata
    }
}

public struct MetadataView: Codable, Hashable, Sendable {
    public var title: String
    public var description: String?
    public var authors: [String]

    public init(_ metadata: WorkMetadata) {
        title = metadata.title
        description = metadata.description
        authors = metadata.authors
    }
}

/// The history of a record, or a page of it.
public struct HistoryView: Codable, Hashable, Sendable {
    public struct Event: Codable, Hashable, Sendable {
        public var number: UInt64
        public var statement: String
        public var type: String
        public var issuer: String
        public var height: UInt64
        public var position: UInt64
        public var time: UInt64
        public var bodyHash: String
        /// The record's body after the statement, hexadecimal CBOR.
        public var body: String

        public init(
            number: UInt64, statement: String, type: String, issuer: String, height: UInt64, position: UInt64,
            time: UInt64, bodyHash: String, body: String
        ) {
            self.number = number
            self.statement = statement
            self.type = type
            self.issuer = issuer
            self.height = height
            self.position = position
            self.time = time
            self.bodyHash = bodyHash
            self.body = body
        }
    }

    public var urn: String
    public var count: UInt64
    public var head: String
    public var events: [Event]
    /// The number from which to ask for the next page.
    public var next: UInt64?

    public init(urn: String, count: UInt64, head: String, events: [Event], next: UInt64?) {
        self.urn = urn
        self.count = count
        self.head = head
        self.events = events
        self.next = next
    }
}

/// Who claimed an exact hash.
public struct LookupView: Codable, Hashable, Sendable {
    public struct Claim: Codable, Hashable, Sendable {
        public var party: String
        public var work: String
        public var version: UInt32
        public var time: UInt64
        public var contested: Bool
        public var title: String?

        public init(party: String, work: String, version: UInt32, time: UInt64, contested: Bool, title: String?) {
            self.party = party
            self.work = work
            self.version = version
            self.time = time
            self.contested = contested
            self.title = title
        }
    }

    public var hash: String
    /// All claims, those on other pages included.
    public var count: UInt64
    public var claims: [Claim]
    /// Where to go on, for the query's `after`.
    public var next: String?

    public init(hash: String, count: UInt64, claims: [Claim], next: String? = nil) {
        self.next = next
        self.hash = hash
        self.count = count
        self.claims = claims
    }
}

/// Works found by words or by party.
public struct WorkListView: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        public var work: String
        public var title: String?
        public var claimant: String
        public var time: UInt64

        public init(work: String, title: String?, claimant: String, time: UInt64) {
            self.work = work
            self.title = title
            self.claimant = claimant
            self.time = time
        }
    }

    public var works: [Entry]
    /// Where to go on, for the query's `after`.
    public var next: String?

    public init(works: [Entry], next: String?) {
        self.works = works
        self.next = next
    }
}

public struct BlockView: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        public var statement: String
        public var type: String
        public var issuer: String
        public var leafIndex: UInt64

        public init(statement: String, type: String, issuer: String, leafIndex: UInt64) {
            self.statement = statement
            self.type = type
            self.issuer = issuer
            self.leafIndex = leafIndex
        }
    }

    public var id: String
    public var height: UInt64
    public var time: UInt64
    public var epoch: UInt64
    public var view: UInt64
    public var proposer: UInt64
    public var parent: String
    public var historySize: UInt64
    public var historyRoot: String
    public var stateRoot: String
    public var signers: [UInt64]
    public var statements: [Entry]

    public init(_ header: BlockHeader, signers: [UInt64], statements: [Entry]) {
        id = header.id.hex
        height = header.height
        time = header.time
        epoch = header.epoch
        view = header.view
        proposer = header.proposer
        parent = header.parent.hex
        historySize = header.historySize
        historyRoot = header.historyRoot.hex
        stateRoot = header.stateRoot.hex
        self.signers = signers
        self.statements = statements
    }
}

/// The chain and where this node stands on it.
public struct ChainView: Codable, Hashable, Sendable {
    public struct Validator: Codable, Hashable, Sendable {
        public var index: UInt64
        public var member: String
        public var name: String
        public var vote: String
        public var log: String
        /// Where the validator answers clients, if the node that says this was told.
        public var url: String?
        /// Whether the node that says this has a connection to the validator's; absent for itself.
        public var connected: Bool?

        public init(index: UInt64, member: String, name: String, vote: String, log: String) {
            self.index = index
            self.member = member
            self.name = name
            self.vote = vote
            self.log = log
        }
    }

    public var chain: String
    public var origin: String
    public var height: UInt64
    public var time: UInt64
    /// Leaves that the latest checkpoint covers.
    public var size: UInt64
    public var root: String
    public var epoch: UInt64
    public var protocolVersion: UInt64
    public var maximumLifetimeSeconds: UInt64
    public var pending: Int
    public var validators: [Validator]
    public var software: String

    public init(
        chain: String, origin: String, height: UInt64, time: UInt64, size: UInt64, root: String, epoch: UInt64,
        protocolVersion: UInt64, maximumLifetimeSeconds: UInt64, pending: Int, validators: [Validator],
        software: String
    ) {
        self.chain = chain
        self.origin = origin
        self.height = height
        self.time = time
        self.size = size
        self.root = root
        self.epoch = epoch
        self.protocolVersion = protocolVersion
        self.maximumLifetimeSeconds = maximumLifetimeSeconds
        self.pending = pending
        self.validators = validators
        self.software = software
    }
}

/// An error over HTTP (RFC 9457), with the rule's name and its numbers for clients that translate.
public struct ProblemView: Codable, Hashable, Sendable, Error {
    public var type: String
    public var title: String
    public var status: Int
    public var detail: String
    public var rule: String
    public var parameters: [String: String]
    /// True if the same request may succeed later.
    public var retry: Bool

    public static let contentType = "application/problem+json"

    public init(
        title: String, status: Int, detail: String, rule: String, parameters: [String: String] = [:],
        retry: Bool = false
    ) {
        type = "about:blank"
        self.title = title
        self.status = status
        self.detail = detail
        self.rule = rule
        self.parameters = parameters
        self.retry = retry
    }
}
