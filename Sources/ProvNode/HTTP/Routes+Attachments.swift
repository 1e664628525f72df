import HTTPTypes
import Hummingbird
import ProvChain

/// The bytes that statements only name by their hash.
extension Routes {
    var attachments: [Route] { [attachment, storeAttachment] }

    private var attachment: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/attachments/{sha256}", id: "getAttachment",
                summary: "The bytes that a statement commits to by their hash",
                parameters: [Parameter.sha256.description, Parameter.authorization.description],
                answers: [.bytes(MediaType.octets, "The attachment.")],
                problems: [.badRequest, .unauthorized, .forbidden, .notFound, .serviceUnavailable])
        ) { [node, audiences] call in
            let hash = try call.require(.sha256)
            let token = try call.optional(.authorization)
            guard let read = try await node.read(attachment: hash, token: token, at: audiences) else {
                throw Problem.notFound(
                    Phrase("This node has no attachment \(hash.hex).", "本节点没有附件 \(hash.hex)。"), ["sha256": hash.hex])
            }
            let caching =
                switch read.dataClass {
                case .public: Caching.immutable
                case .restricted: Caching.never
                }
            return call.answer(
                read.bytes, type: MediaType.octets, caching: caching,
                headers: [.contentDisposition: "attachment; filename=\"\(hash.hex)\""])
        }
    }

    private var storeAttachment: Route {
        let description = RouteDescription(
            method: .put, path: "/api/v1/attachments/{sha256}", id: "putAttachment",
            summary: "Give the node an attachment that it lacks",
            parameters: [Parameter.sha256.description, Parameter.dataClass.description],
            bodies: [
                .init(type: MediaType.octets, maximumBytes: Limits.attachmentBytes, about: "The attachment's bytes.")
            ],
            answers: [.init(status: .noContent, about: "The attachment is kept.")],
            problems: [
                .badRequest, .conflict, .contentTooLarge, .unsupportedMediaType, .unprocessableContent,
                .serviceUnavailable,
            ])
        return Route(description) { [node, bodies] call in
            let hash = try call.require(.sha256)
            let dataClass = try call.optional(.dataClass) ?? .public
            let body = try call.body(of: description)
            try await call.withBody(atMost: body.maximumBytes, budget: bodies) { bytes in
                let found = SHA256.hash(bytes)
                guard found == hash else {
                    throw Problem(
                        .unprocessableContent, rule: "attachment.wrong-hash",
                        detail: Phrase(
                            "The SHA-256 of the body is \(found.hex), not \(hash.hex).",
                            "正文的 SHA-256 为 \(found.hex)，而不是 \(hash.hex)。"),
                        parameters: ["expected": hash.hex, "found": found.hex])
                }
                try await node.store(attachment: bytes, hash: hash, dataClass: dataClass)
            }
            return Response(status: .noContent)
        }
    }
}

extension Parameter where Value == String {
    /// The token in `Authorization: Bearer`.
    fileprivate static var authorization: Self {
        Self(
            ParameterDescription(
                name: "Authorization", place: .header,
                expected: Phrase("\"Bearer\" and a read token", " \"Bearer\" 加读取令牌"),
                about: "`Bearer` and a read token, for restricted attachments.",
                schema: ["type": "string", "pattern": "^[Bb]earer +[A-Za-z0-9_-]+$"])
        ) { text in
            let parts = text.split(separator: " ")
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1])
        }
    }
}

extension Parameter where Value == DataClass {
    fileprivate static var dataClass: Self {
        Self(
            ParameterDescription(
                name: "class", place: .query, expected: Phrase("public or restricted", " public 或 restricted"),
                about: "Whether everybody may read it; what is public stays so.",
                schema: ["type": "string", "enum": ["public", "restricted"], "default": "public"])
        ) { DataClass(rawValue: $0) }
    }
}
