import HTTPTypes
import ProvChain

/// Every address that the node answers over HTTP.
struct Routes: Sendable {
    let node: any NodeAPI
    let bodies: BodyBudget
    let audiences: Audiences
    let requests = RequestMetrics()
    /// Where validators answer clients, by member name.
    let apis: [String: String]

    init(
        node: any NodeAPI, bodies: BodyBudget = BodyBudget(), audiences: Audiences = Audiences(),
        apis: [String: String] = [:]
    ) {
        self.apis = apis
        self.audiences = audiences
        self.node = node
        self.bodies = bodies
    }

    var all: [Route] {
        let described = statements + attachments + records + lists + events + log + chain
        let document = OpenAPI.document(of: described.map(\.description) + [Self.documentDescription])
        return described + [Route(Self.documentDescription) { call in try call.json(document) }]
    }

    private static let documentDescription = RouteDescription(
        method: .get, path: "/api/v1/openapi.json", id: "getOpenAPI", summary: "This description",
        parameters: [Parameter.pretty.description],
        answers: [.json("OpenAPI", "The API in OpenAPI 3.1.")])
}
