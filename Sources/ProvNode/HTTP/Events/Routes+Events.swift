import HTTPTypes
import Hummingbird
import ProvChain

/// Following the chain without asking again and again.
extension Routes {
    var events: [Route] {
        let description = RouteDescription(
            method: .get, path: "/api/v1/events", id: "followBlocks", summary: "Final blocks, as they come",
            parameters: [
                Parameter.lastEventID.description, Parameter.fromHeight.description, Parameter.ofParty.description,
                Parameter.ofSubject.description,
            ],
            answers: [
                .init(
                    status: .ok,
                    about: "Server-sent events named `block`, with the height as their id. `data` is a BlockEvent.",
                    content: [(EventStream.contentType, nil)])
            ],
            problems: [.badRequest, .serviceUnavailable])
        let recent = RecentEvents()
        return [
            Route(description) { [node] call in
                let seen = try call.optional(.lastEventID)
                let from = try call.optional(.fromHeight)
                let filter = EventFilter(party: try call.optional(.ofParty), subject: try call.optional(.ofSubject))
                guard let subscription = node.feed.subscribe() else { throw Problem.tooManySubscribers }
                let start = seen.map { $0 + 1 } ?? from ?? subscription.height + 1
                let stream = EventStream(subscription, filter: filter, start: start) { height in
                    try await recent.event(height) { try await node.event($0) }
                }
                return Response(
                    status: .ok,
                    headers: [
                        .contentType: EventStream.contentType, .cacheControl: Caching.never,
                        // Nginx would hold events back until its buffer is full.
                        HTTPField.Name.accelBuffering: "no",
                    ],
                    body: ResponseBody { writer in
                        try await stream.run { try await writer.write($0) }
                        try await writer.finish(nil)
                    })
            }
        ]
    }
}

extension HTTPField.Name {
    fileprivate static var accelBuffering: Self {
        guard let name = Self("X-Accel-Buffering") else { preconditionFailure("a literal that is a field name") }
        return name
    }
}

extension Problem {
    fileprivate static let tooManySubscribers = Problem(
        .serviceUnavailable, rule: "node.too-many-subscribers",
        detail: Phrase(
            "As many clients follow this node as it serves. Ask again later, or another node.",
            "关注本节点的客户端已达上限。请稍后重试或改用其他节点。"), retry: true)
}

extension Parameter where Value == UInt64 {
    fileprivate static var lastEventID: Self {
        height(
            "Last-Event-ID", .header,
            about: "The id of the last event that the client has: it goes on after it. Browsers send this themselves.")
    }

    fileprivate static var fromHeight: Self {
        height("from", .query, about: "The height of the first block; by default the next one.")
    }

    private static func height(_ name: String, _ place: ParameterDescription.Place, about: String) -> Self {
        integer(name, 0...Limits.exactInteger, default: nil, place: place, about: about)
    }
}

extension Parameter where Value == Digest {
    fileprivate static var ofParty: Self {
        Self(
            ParameterDescription(
                name: "party", place: .query, expected: Parameter.party.description.expected,
                about: "Only statements that this party issued or that are about it.",
                schema: Parameter.party.description.schema), parse: Parameter.party.parse)
    }
}

extension Parameter where Value == URN {
    fileprivate static var ofSubject: Self {
        Self(
            ParameterDescription(
                name: "subject", place: .query, expected: Parameter.urn.description.expected,
                about: "Only statements about this.", schema: Parameter.urn.description.schema),
            parse: Parameter.urn.parse)
    }
}
