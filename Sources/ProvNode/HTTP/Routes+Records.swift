import HTTPTypes
import Hummingbird
import ProvChain

/// What the registry says: records, their histories, and proofs of both.
extension Routes {
    var records: [Route] { [record, history, proof] }

    private var record: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/records/{urn}", id: "getRecord",
                summary: "A record after the latest block",
                parameters: [Parameter.urn.description, Parameter.pretty.description],
                answers: [
                    .init(
                        status: .ok,
                        about: "The record; as the bytes that the state tree commits to, if `Accept` asks.",
                        content: [(MediaType.json, "Record"), (MediaType.cbor, nil)])
                ],
                problems: [.badRequest, .notFound])
        ) { [node] call in
            let urn = try call.require(.urn)
            let accept = call.request.headers[values: .accept].joined(separator: ",")
            let varies: HTTPFields = [.vary: "Accept"]
            if MediaType.prefersCBOR(accept) {
                guard let bytes = try await node.storedRecord(urn) else { throw noRecord(urn) }
                return call.answer(bytes, type: MediaType.cbor, headers: varies)
            }
            guard let view = try await node.record(urn) else { throw noRecord(urn) }
            return try call.json(view, headers: varies)
        }
    }

    private var history: Route {
        let limit = Parameter<UInt64>.limit(1...UInt64(NodeLimits.pageSize), default: UInt64(NodeLimits.pageSize))
        return Route(
            RouteDescription(
                method: .get, path: "/api/v1/records/{urn}/history", id: "getHistory",
                summary: "Every statement that changed a record, in order",
                parameters: [
                    Parameter.urn.description, Parameter.from.description, limit.description,
                    Parameter.asOf.description, Parameter.pretty.description,
                ],
                answers: [.json("History", "A page of the history.")], problems: [.badRequest, .notFound])
        ) { [node] call in
            let urn = try call.require(.urn)
            let view = try await node.history(
                urn, from: try call.optional(.from) ?? 1,
                limit: try call.optional(limit).map(Int.init) ?? NodeLimits.pageSize, asOf: try call.optional(.asOf))
            guard let view else { throw noRecord(urn) }
            return try call.json(view)
        }
    }

    private var proof: Route {
        Route(
            RouteDescription(
                method: .get, path: "/api/v1/proofs/{urn}", id: "getProof",
                summary: "A bundle that proves a record and its whole history offline",
                parameters: [Parameter.urn.description],
                answers: [.bytes(MediaType.bundle, "The bundle, a file to keep.")], problems: [.badRequest, .notFound])
        ) { [node] call in
            let urn = try call.require(.urn)
            guard let bytes = try await node.bundle(urn) else { throw noRecord(urn) }
            let name = urn.description.dropFirst(URN.prefix.count).map { $0 == ":" ? "-" : String($0) }.joined()
            return call.answer(
                bytes, type: MediaType.bundle,
                headers: [.contentDisposition: "attachment; filename=\"\(name).provbundle\""])
        }
    }
}

private func noRecord(_ urn: URN) -> Problem {
    .notFound(Phrase("The registry has no record \(urn).", "登记册中没有记录 \(urn)。"), ["urn": urn.description])
}
