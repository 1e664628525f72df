import HTTPTypes
import Hummingbird
import ProvChain

/// Handing statements in, and asking what became of them.
extension Routes {
    var statements: [Route] {
        [submit, statement, statementBytes, receipt]
    }

    private var submit: Route {
        let description = RouteDescription(
            method: .post, path: "/api/v1/statements", id: "submitStatement",
            summary: "Hand in a statement, alone or with the attachments that it commits to",
            parameters: [Parameter.wait.description, Parameter.pretty.description],
            bodies: [
                .init(
                    type: MediaType.cose, maximumBytes: Limits.statementBytes, about: "The statement, a COSE_Sign1."),
                .init(
                    type: Submission.contentType, maximumBytes: NodeLimits.requestBytes,
                    about: "CBOR `{1: statement, 2: [attachment, …], ? 3: [hash, …]}`, all as byte strings; 3 are the "
                        + "SHA-256 of those attachments that are restricted."),
            ],
            answers: [
                .json("Statement", "The statement is final."),
                .json("Statement", "The statement is taken, and not yet final.", status: .accepted),
            ],
            problems: [
                .badRequest, .conflict, .contentTooLarge, .unsupportedMediaType, .unprocessableContent,
                .tooManyRequests,
                .serviceUnavailable,
            ])
        return Route(description) { [node, bodies] call in
            let wait = try call.optional(.wait) ?? true
            // A bad parameter is refused before the statement is taken.
            _ = try call.optional(.pretty)
            let body = try call.body(of: description)
            let view = try await call.withBody(atMost: body.maximumBytes, budget: bodies) { bytes in
                try await node.submit(try submission(bytes, type: body.type), wait: wait)
            }
            switch view.status {
            case .final: return try call.json(view)
            case .pending:
                return try call.json(
                    view, status: .accepted, headers: [.location: "/api/v1/statements/\(view.statement)"])
            }
        }
    }

    private var statement: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/statements/{id}", id: "getStatement",
                summary: "Where a statement stands",
                parameters: [Parameter.statement.description, Parameter.pretty.description],
                answers: [.json("Statement", "The statement, pending or final.")],
                problems: [.badRequest, .notFound])
        ) { [node] call in
            let id = try call.require(.statement)
            guard let view = try await node.statement(id) else { throw noStatement(id) }
            return try call.json(view)
        }
    }

    private var statementBytes: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/statements/{id}/raw", id: "getStatementBytes",
                summary: "A statement's bytes", parameters: [Parameter.statement.description],
                answers: [.bytes(MediaType.cose, "The COSE_Sign1 as it was signed.")],
                problems: [.badRequest, .notFound])
        ) { [node] call in
            let id = try call.require(.statement)
            guard let bytes = try await node.statementBytes(id) else { throw noStatement(id) }
            return call.answer(bytes, type: MediaType.cose, caching: Caching.immutable)
        }
    }

    private var receipt: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/statements/{id}/receipt", id: "getReceipt",
                summary: "A proof that a statement is in the log, under the latest checkpoint",
                parameters: [Parameter.statement.description],
                answers: [.bytes(MediaType.cose, "A COSE Receipt (RFC 9942).")],
                problems: [.badRequest, .notFound])
        ) { [node] call in
            let id = try call.require(.statement)
            if let bytes = try await node.receipt(id) { return call.answer(bytes, type: MediaType.cose) }
            guard try await node.statement(id) != nil else { throw noStatement(id) }
            throw Problem(
                .notFound, rule: "receipt.not-yet",
                detail: Phrase(
                    "The statement \(id.hex) is not final, so it has no receipt yet. Ask again later.",
                    "声明 \(id.hex) 尚未最终确认，暂无回执。请稍后再问。"),
                parameters: ["statement": id.hex], retry: true)
        }
    }
}

extension Call {
    /// The one of the route's bodies that the `Content-Type` names.
    func body(of route: RouteDescription) throws(Problem) -> RouteDescription.Body {
        let found = MediaType.essence(request.headers[.contentType] ?? "")
        guard let body = route.bodies.first(where: { $0.type == found }) else {
            throw .unsupportedMediaType(found, supported: route.bodies.map(\.type))
        }
        return body
    }
}

private func submission(_ bytes: [UInt8], type: String) throws(Problem) -> Submission {
    let submission: Submission
    if type == Submission.contentType {
        do {
            submission = try Submission(cbor: bytes)
        } catch {
            throw malformed(Phrase("The body is not a submission: \(error).", "正文不是有效的提交：\(error)。"))
        }
    } else {
        submission = Submission(statement: bytes)
    }
    guard !submission.statement.isEmpty else { throw malformed(Phrase("The statement is empty.", "声明为空。")) }
    guard submission.statement.count <= Limits.statementBytes else {
        throw Problem(
            .contentTooLarge, rule: Rule.tooLarge.rawValue,
            detail: Phrase(
                "The statement has \(submission.statement.count) bytes; at most \(Limits.statementBytes) fit.",
                "声明共 \(submission.statement.count) 字节，上限为 \(Limits.statementBytes)。"),
            parameters: ["limit": String(Limits.statementBytes), "found": String(submission.statement.count)])
    }
    return submission
}

private func malformed(_ detail: Phrase) -> Problem {
    Problem(.badRequest, rule: Rule.malformed.rawValue, detail: detail)
}

private func noStatement(_ id: Digest) -> Problem {
    .notFound(Phrase("This node knows no statement \(id.hex).", "本节点没有声明 \(id.hex)。"), ["statement": id.hex])
}
