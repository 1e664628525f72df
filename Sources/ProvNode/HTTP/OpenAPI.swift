import HTTPTypes
import ProvChain

/// The API's description in OpenAPI 3.1, made from the same ``RouteDescription``s that the router is made from.
enum OpenAPI {
    static func document(of routes: [RouteDescription]) -> JSONValue {
        var paths: [String: [String: JSONValue]] = [:]
        for route in routes {
            let method = route.method.rawValue.lowercased()
            let previous = paths[route.path, default: [:]].updateValue(operation(route), forKey: method)
            precondition(previous == nil, "two routes for \(route.method.rawValue) \(route.path)")
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "ProvChain node", "version": "1",
                "summary": "A permissioned chain that records who claims, owns and may use which 3D asset.",
                "description": .string(introduction),
            ],
            "servers": [["url": "/"]],
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(schemas),
                "securitySchemes": [
                    "readToken": [
                        "type": "http", "scheme": "bearer", "bearerFormat": "COSE_Sign1 in base64url",
                        "description": "A token that a party's key signed for this node, at most 10 minutes old.",
                    ]
                ],
                "responses": [
                    "Problem": [
                        "description": "Why the answer is not what was asked for.",
                        "content": .object([ProblemView.contentType: ["schema": reference("Problem")]]),
                    ]
                ],
            ],
        ]
    }

    private static let introduction = """
        Digests are 64 hexadecimal digits; times are milliseconds since 1970; whole numbers stay below 2^53. \
        Every error is application/problem+json (RFC 9457): `rule` names it for programs, `parameters` has its \
        numbers, and `retry` says whether the same request may succeed later. A parameter that an address does not \
        have is an error. Every GET also answers HEAD.
        """

    private static func operation(_ route: RouteDescription) -> JSONValue {
        var responses: [String: JSONValue] = ["default": problem]
        for answer in route.answers { responses[String(answer.status.code)] = response(answer) }
        for status in route.problems {
            let previous = responses.updateValue(problem, forKey: String(status.code))
            precondition(previous == nil, "\(route.id) answers \(status.code) in two ways")
        }
        var operation: [String: JSONValue] = [
            "operationId": .string(route.id), "summary": .string(route.summary), "responses": .object(responses),
        ]
        // OpenAPI says of this header how it is authenticated, and not that it is a parameter.
        let listed = route.parameters.filter { $0.name != "Authorization" }
        if listed.count < route.parameters.count {
            operation["security"] = .array([.object([:]), .object(["readToken": .array([])])])
        }
        if !listed.isEmpty { operation["parameters"] = .array(listed.map(parameter)) }
        if !route.bodies.isEmpty { operation["requestBody"] = requestBody(route.bodies) }
        return .object(operation)
    }

    private static let problem: JSONValue = ["$ref": "#/components/responses/Problem"]

    private static func response(_ answer: RouteDescription.Answer) -> JSONValue {
        var response: [String: JSONValue] = ["description": .string(answer.about)]
        if !answer.content.isEmpty {
            response["content"] = .object(
                Dictionary(
                    uniqueKeysWithValues: answer.content.map { type, schema in
                        (type, schema.map { ["schema": reference($0)] } ?? .object([:]))
                    }))
        }
        return .object(response)
    }

    private static func parameter(_ parameter: ParameterDescription) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.isRequired), "description": .string(parameter.about),
            "schema": parameter.schema,
        ]
    }

    private static func requestBody(_ bodies: [RouteDescription.Body]) -> JSONValue {
        let content = bodies.map { body -> (String, JSONValue) in (body.type, .object([:])) }
        let about = bodies.map { "\($0.type), at most \($0.maximumBytes) bytes: \($0.about)" }
        return [
            "required": true, "description": .string(about.joined(separator: "\n\n")),
            "content": .object(Dictionary(uniqueKeysWithValues: content)),
        ]
    }

    static func reference(_ schema: String) -> JSONValue { ["$ref": .string("#/components/schemas/\(schema)")] }
}
