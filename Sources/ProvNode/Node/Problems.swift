import ProvChain

/// The errors of the HTTP surface that a node itself gives.
enum Problems {
    static let stopping = ProblemView(
        title: "Stopping", status: 503, detail: "The node is stopping. Try again, or ask another node.",
        rule: "node.stopping", retry: true)

    static func refused(_ refusal: Refusal) -> ProblemView {
        let status: Int =
            switch refusal.rule {
            case .malformed: 400
            case .tooLarge: 413
            default: 422
            }
        return ProblemView(
            title: "Refused", status: status, detail: refusal.description, rule: refusal.rule.rawValue,
            parameters: refusal.parameters)
    }

    static func full(_ error: Mempool.Full) -> ProblemView {
        let limit =
            switch error {
            case .statements(let limit): "\(limit) statements"
            case .bytes(let limit): "\(limit) bytes"
            case .organisation(let percent): "\(percent) percent of its room for one organisation"
            }
        return ProblemView(
            title: "Too many statements", status: 429,
            detail: "As many statements wait as this node holds (\(limit)). Try again in a moment.",
            rule: "node.mempool-full", parameters: ["limit": limit], retry: true)
    }

    static func attachment(_ detail: String) -> ProblemView {
        ProblemView(title: "Attachment refused", status: 422, detail: detail, rule: "attachment.invalid")
    }

    static let unreferenced = ProblemView(
        title: "Attachment refused", status: 422,
        detail: "No statement on this chain commits to these bytes, so they are not kept here.",
        rule: "attachment.unreferenced")

    static let observer = ProblemView(
        title: "This node observes", status: 503,
        detail:
            "This node follows the chain and has no vote: it takes no statements and signs no checkpoints. Ask a "
            + "validator; GET /api/v1/chain names them.",
        rule: "node.observer", retry: true)

    static let badCursor = ProblemView(
        title: "Bad parameter", status: 400,
        detail: "\"after\" must be the \"next\" of an earlier answer to the same question.", rule: "parameter.after")

    static let searchOff = ProblemView(
        title: "Not here", status: 404,
        detail:
            "This node does not search for look-alikes. Ask another, or set enabled in [search] of its configuration.",
        rule: "search.off")

    static func alreadyPublic(_ hash: Digest) -> ProblemView {
        ProblemView(
            title: "Attachment refused", status: 409,
            detail: "This node has attachment \(hash.hex) already, and it is public; that cannot be taken back.",
            rule: "attachment.already-public", parameters: ["sha256": hash.hex])
    }

    static let tokenMissing = ProblemView(
        title: "Token needed", status: 401,
        detail: "This attachment is restricted. Send a read token in \"Authorization: Bearer\".",
        rule: "access.token-missing")

    static func token(_ reason: String) -> ProblemView {
        ProblemView(
            title: "Token refused", status: 401, detail: "The read token is not taken: \(reason).",
            rule: "access.token-invalid", parameters: ["reason": reason])
    }

    static func readDenied(_ party: Digest, _ hash: Digest) -> ProblemView {
        ProblemView(
            title: "Not allowed", status: 403,
            detail: "Party \(party.hex) may not read attachment \(hash.hex).", rule: "access.denied",
            parameters: ["party": party.hex, "sha256": hash.hex])
    }

    static let storage = ProblemView(
        title: "Storage failed", status: 503, detail: "The node's disk failed or is full. Tell its operator.",
        rule: "node.storage", retry: true)
}
