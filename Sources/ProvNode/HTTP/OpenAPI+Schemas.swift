import ProvChain

/// The schemas of the views. Members are strings, numbers or references; those in `optional` may be missing.
extension OpenAPI {
    static let schemas: [String: JSONValue] = [
        "OpenAPI": ["type": "object", "description": "An OpenAPI document."],
        "Problem": problemView, "Statement": statement, "Record": record, "Metadata": metadata, "History": history,
        "Event": event, "Lookup": lookup, "Claim": claim, "Similar": similar, "LookAlike": lookAlike,
        "WorkList": workList, "Work": work,
        "TitleList": titleList, "Title": title, "OfferList": offerList, "Offer": offer, "Block": block,
        "BlockStatement": blockStatement, "Chain": chain, "Validator": validator, "BlockEvent": blockEvent,
        "EventStatement": eventStatement, "Node": node, "NodeValidator": nodeValidator, "NodeObserver": nodeObserver,
        "CatchUp": catchUp,
        "Finding": finding,
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let texts: JSONValue = ["type": "object", "additionalProperties": text]
    private static let truth: JSONValue = ["type": "boolean"]
    private static let anything: JSONValue = ["description": "Any JSON."]
    private static let digest: JSONValue = ["type": "string", "pattern": .string(Pattern.digest)]
    private static let hex: JSONValue = ["type": "string", "pattern": "^([0-9a-f]{2})*$"]
    private static let urn: JSONValue = ["type": "string", "pattern": .string(Pattern.urn)]
    private static let number: JSONValue = [
        "type": "integer", "minimum": 0, "maximum": .number(Int64(Limits.exactInteger)),
    ]
    private static let time: JSONValue = [
        "type": "integer", "minimum": 0, "maximum": .number(Int64(Limits.exactInteger)),
        "description": "Milliseconds since 1970.",
    ]

    private static let basisPoints: JSONValue = [
        "type": "integer", "minimum": 1, "maximum": .number(Int64(Limits.wholeTitle)),
    ]

    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    private static func object(
        _ about: String, _ members: [String: JSONValue], optional: [String: JSONValue] = [:]
    ) -> JSONValue {
        [
            "type": "object", "description": .string(about),
            "properties": .object(members.merging(optional) { _, _ in preconditionFailure("a member twice") }),
            "required": .array(members.keys.sorted().map { .string($0) }),
        ]
    }

    private static let problemView = object(
        "An error (RFC 9457).",
        [
            "type": text, "title": text, "status": ["type": "integer", "minimum": 400, "maximum": 599],
            "detail": text, "rule": text, "parameters": ["type": "object", "additionalProperties": text],
            "retry": truth,
        ])

    private static let statement = object(
        "A statement's place in the chain.",
        ["statement": digest, "leafHash": digest, "status": ["type": "string", "enum": ["pending", "final"]]],
        optional: [
            "type": text, "issuer": text, "height": number, "position": number, "leafIndex": number, "time": time,
            "records": list(urn), "work": text, "version": number, "manifestRoot": digest,
            "contestedWith": list(urn), "party": text, "offer": text,
        ])

    private static let record = object(
        "A record after the latest block.",
        [
            "urn": urn, "kind": text, "height": number, "time": time, "historyCount": number, "historyHead": digest,
            "cbor": hex, "record": anything,
        ], optional: ["metadata": reference("Metadata")])

    private static let metadata = object(
        "What the claimant says about a work.", ["title": text, "authors": list(text)],
        optional: ["description": text])

    private static let history = object(
        "A record's history, or a page of it.",
        ["urn": urn, "count": number, "head": digest, "events": list(reference("Event"))],
        optional: ["next": number])

    private static let event = object(
        "What one statement did to a record.",
        [
            "number": number, "statement": digest, "type": text, "issuer": text, "height": number,
            "position": number, "time": time, "bodyHash": digest, "body": hex,
        ])

    private static let lookup = object(
        "Who claimed an exact hash.", ["hash": digest, "count": number, "claims": list(reference("Claim"))],
        optional: ["next": text])

    private static let claim = object(
        "One claim.", ["party": text, "work": text, "version": number, "time": time, "contested": truth],
        optional: ["title": text])

    private static let similar = object(
        "Works that look alike: a reason to look, never proof.",
        [
            "algorithm": ["type": "string", "enum": ["rsh96/1", "iscc"]], "searched": number, "complete": truth,
            "similar": list(reference("LookAlike")),
        ])

    private static let lookAlike = object(
        "A version of a work that claims a print or a code near the one that was asked for.",
        [
            "work": urn, "party": urn, "version": number, "time": time, "contested": truth,
            "basis": ["type": "string", "enum": ["whole", "part", "meta", "data", "instance"]],
            "distance": number, "resemblance": ["type": "string", "enum": ["near-certain", "for-review"]],
        ], optional: ["title": text])

    private static let workList = object(
        "Works, or a page of them.", ["works": list(reference("Work"))], optional: ["next": text])

    private static let work = object(
        "One work.", ["work": text, "claimant": text, "time": time], optional: ["title": text])

    private static let titleList = object(
        "Shares that a party holds, or a page of them.", ["titles": list(reference("Title"))],
        optional: ["next": text])

    private static let title = object(
        "A share of one title.",
        ["title": urn, "work": urn, "right": text, "share": basisPoints])

    private static let offerList = object(
        "Offers of title, or a page of them.", ["offers": list(reference("Offer"))], optional: ["next": text])

    private static let offer = object(
        "An offer of title.",
        [
            "offer": urn, "work": urn, "right": text, "offerer": urn, "recipient": urn, "share": basisPoints,
            "deadline": number,
            "status": ["type": "string", "enum": ["open", "accepted", "declined", "cancelled", "lapsed"]],
        ])

    private static let block = object(
        "A final block.",
        [
            "id": digest, "height": number, "time": time, "epoch": number, "view": number, "proposer": number,
            "parent": digest, "historySize": number, "historyRoot": digest, "stateRoot": digest,
            "signers": list(number), "statements": list(reference("BlockStatement")),
        ])

    private static let blockStatement = object(
        "A statement in a block.", ["statement": digest, "type": text, "issuer": text, "leafIndex": number])

    private static let blockEvent = object(
        "A final block, in an event's `data`.",
        ["height": number, "id": digest, "time": time, "statements": list(reference("EventStatement"))])

    private static let eventStatement = object(
        "A statement in an event.",
        ["statement": digest, "type": text, "issuer": urn, "subject": urn, "leafIndex": number])

    private static let chain = object(
        "The chain and where this node stands on it.",
        [
            "chain": text, "origin": text, "height": number, "time": time, "size": number, "root": digest,
            "epoch": number, "protocolVersion": number, "maximumLifetimeSeconds": number, "pending": number,
            "validators": list(reference("Validator")), "software": text,
        ])

    private static let node = object(
        "A node, and the validators as it sees them. Times are milliseconds.",
        [
            "role": text, "height": number, "view": number, "leader": number, "lastBlock": number, "waiting": number,
            "votes": truth, "validators": list(reference("NodeValidator")),
            "observers": list(reference("NodeObserver")), "findings": list(reference("Finding")),
        ], optional: ["catchUp": reference("CatchUp")])

    private static let nodeValidator = object(
        "A validator as the node sees it. Times are milliseconds.",
        [
            "index": number, "name": text, "isSelf": truth, "connected": truth, "since": number,
            "height": number,
        ], optional: ["lastVote": number, "clockOffset": ["type": "integer"]])

    private static let nodeObserver = object(
        "Somebody without a vote who follows the chain by this node.",
        ["name": text, "connected": truth, "since": number, "height": number])

    private static let catchUp = object(
        "How far a node is that is behind.", ["height": number, "target": number],
        optional: ["remaining": number])

    private static let finding = object(
        "Something to know about why blocks come or do not.",
        ["kind": text, "values": texts, "text": texts])

    private static let validator = object(
        "A member's node that takes part in consensus.",
        ["index": number, "member": text, "name": text, "vote": text, "log": text],
        optional: ["url": text, "connected": truth])
}
