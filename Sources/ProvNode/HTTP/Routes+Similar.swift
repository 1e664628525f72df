import HTTPTypes
import Hummingbird
import ProvChain

/// Look-alikes: from the prints and codes that manifests claim, at nodes that search.
extension Routes {
    var similarShapes: Route {
        similar(
            "/api/v1/similar/print/{print}", id: "findSimilarShapes", of: .print,
            summary: "Works whose shapes look like a print (rsh96/1)"
        ) { [node] in try await node.similar(to: $0, limit: $1) }
    }

    var similarCodes: Route {
        similar(
            "/api/v1/similar/iscc/{iscc}", id: "findSimilarCodes", of: .iscc,
            summary: "Works whose ISCC has a Meta-, Data- or Instance-Code near this one"
        ) { [node] in try await node.similar(to: $0, limit: $1) }
    }

    private func similar<Value: Sendable>(
        _ path: String, id: String, of thing: Parameter<Value>, summary: String,
        _ find: @escaping @Sendable (Value, Int) async throws -> SimilarView
    ) -> Route {
        let limit = Parameter<UInt64>.limit(1...UInt64(NodeLimits.searchResults), default: 20)
        let description = RouteDescription(
            method: .get, path: path, id: id, summary: summary,
            parameters: [thing.description, limit.description, Parameter.pretty.description],
            answers: [.json("Similar", "The nearest first; none if nothing is near.")],
            problems: [.badRequest, .notFound])
        return Route(description) { call in
            let value = try call.require(thing)
            let most = Int(try call.optional(limit) ?? limit.fallback ?? 1)
            return try call.json(try await find(value, most))
        }
    }
}

extension Parameter where Value == ShapePrint {
    static var print: Self {
        Self(
            ParameterDescription(
                name: "print", place: .path, isRequired: true,
                expected: Phrase("192 lower-case hexadecimal digits", " 192 位小写十六进制数字"),
                about: "A print of a shape, as `provcli fingerprint` shows it.",
                schema: ["type": "string", "pattern": "^[0-9a-f]{192}$"])
        ) { text in
            text.utf8.contains { (0x41...0x5a).contains($0) } ? nil : ShapePrint(hex: text)
        }
    }
}

extension Parameter where Value == ISCCBits {
    static var iscc: Self {
        Self(
            ParameterDescription(
                name: "iscc", place: .path, isRequired: true,
                expected: Phrase(
                    "an ISCC-CODE, or a Meta-, Data- or Instance-Code of at least 64 bits, as ISO 24138 writes it",
                    " ISCC-CODE，或至少 64 位的 Meta-、Data- 或 Instance-Code，写法见 ISO 24138"),
                about: "A code, as `provcli fingerprint` shows it.",
                schema: ["type": "string", "pattern": "^(ISCC:)?[A-Z2-7]{10,120}$"])
        ) { ISCCBits(text: $0) }
    }
}
