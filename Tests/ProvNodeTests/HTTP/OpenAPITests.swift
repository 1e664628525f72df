import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import ProvChain
import Testing

@testable import ProvNode

/// The API document describes exactly what is served.
@Suite struct OpenAPITests {
    private func document() async throws -> JSONValue {
        let response = try await send(.get, "/api/v1/openapi.json")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/json")
        return try JSONDecoder().decode(JSONValue.self, from: Data(response.bytes))
    }

    private func members(_ value: JSONValue?) -> [String: JSONValue] {
        if case .object(let members) = value { members } else { [:] }
    }

    private func elements(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let elements) = value { elements } else { [] }
    }

    @Test func everyAddressIsDescribed() async throws {
        let document = try await document()
        #expect(document["openapi"] == .string("3.1.0"))
        let operations = members(document["paths"]).flatMap { path, methods in
            members(methods).keys.map { "\($0) \(path)" }
        }
        #expect(
            operations.sorted() == [
                "get /",
                "get /api/v1/attachments/{sha256}",
                "get /api/v1/blocks/{height}",
                "get /api/v1/chain",
                "get /api/v1/events",
                "get /api/v1/genesis",
                "get /api/v1/lookup/{sha256}",
                "get /api/v1/node",
                "get /api/v1/openapi.json",
                "get /api/v1/parties/{party}/offers",
                "get /api/v1/parties/{party}/titles",
                "get /api/v1/parties/{party}/works",
                "get /api/v1/proofs/{urn}",
                "get /api/v1/records/{urn}",
                "get /api/v1/records/{urn}/history",
                "get /api/v1/search",
                "get /api/v1/similar/iscc/{iscc}",
                "get /api/v1/similar/print/{print}",
                "get /api/v1/statements/{id}",
                "get /api/v1/statements/{id}/raw",
                "get /api/v1/statements/{id}/receipt",
                "get /healthz",
                "get /log/checkpoint",
                "get /log/tile/{tile}",
                "get /metrics",
                "get /readyz",
                "post /api/v1/statements",
                "put /api/v1/attachments/{sha256}",
            ])
    }

    @Test func everyDescribedAddressAnswersItsMethodsAndNoOthers() async throws {
        for (path, methods) in members(try await document()["paths"]) {
            for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
                let response = try await send(try #require(HTTPRequest.Method(method)), path)
                let isDescribed = members(methods)[method.lowercased()] != nil
                #expect((response.status != .methodNotAllowed) == isDescribed, "\(method) \(path)")
            }
        }
    }

    @Test func everyParameterInAPathIsDescribedAndNamesAreUnique() async throws {
        var ids: Set<String> = []
        for (path, methods) in members(try await document()["paths"]) {
            let templates = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                JSONValue.string(String($0.dropFirst().dropLast()))
            }
            for operation in members(methods).values {
                let parameters = elements(operation["parameters"])
                let inPath = parameters.filter { $0["in"] == .string("path") }
                #expect(inPath.compactMap { $0["name"] } == templates, "\(path)")
                #expect(inPath.allSatisfy { $0["required"] == .bool(true) && $0["schema"]?["pattern"] != nil })
                #expect(operation["responses"]?["default"] != nil)
                guard case .string(let id) = operation["operationId"] else { continue }
                #expect(ids.insert(id).inserted, "\(id)")
            }
        }
        #expect(ids.count == 27)
    }

    @Test(arguments: [
        ("/api/v1/records/{urn}", "urn", [Fixture.workURN, "urn:provchain:version:\(Fixture.digits):12"], ["x"]),
        ("/api/v1/statements/{id}", "id", [Fixture.digits, "urn:provchain:statement:\(Fixture.digits)"], ["a"]),
        ("/api/v1/blocks/{height}", "height", ["0", "17", "latest"], ["", "01", "-1"]),
        (
            "/log/tile/{tile}", "tile", ["0/000", "7/x001/x234/067.p/255", "entries/x001/000"],
            ["8/000", "0/1", "0/000.p/0"]
        ),
    ]) func patternsFitWhatTheyDescribe(path: String, name: String, good: [String], bad: [String]) async throws {
        let operation = try await document()["paths"]?[path]?["get"]
        let parameter = try #require(elements(operation?["parameters"]).first { $0["name"] == .string(name) })
        guard case .string(let pattern) = parameter["schema"]?["pattern"] else {
            Issue.record("no pattern for \(name)")
            return
        }
        let regex = try Regex(pattern)
        for text in good { #expect(text.wholeMatch(of: regex) != nil, "\(text)") }
        for text in bad { #expect(text.wholeMatch(of: regex) == nil, "\(text)") }
    }

    /// The fixtures have every member that the views can have.
    @Test(arguments: [
        ("Statement", Fixture.statement), ("Record", Fixture.record), ("History", Fixture.history),
        ("Lookup", Fixture.lookup), ("WorkList", Fixture.works), ("TitleList", Fixture.titles),
        ("OfferList", Fixture.offers), ("Block", Fixture.block), ("Chain", Fixture.chain),
        (
            "Problem",
            #"{"detail":"d","parameters":{"a":"b"},"retry":false,"rule":"r","status":400,"title":"t","type":"u"}"#
        ),
    ]) func schemasHaveExactlyTheMembersOfTheViews(name: String, json: String) async throws {
        let schemas = try #require(try await document()["components"]?["schemas"])
        check(try Fixture.view(json), against: OpenAPI.reference(name), in: schemas, at: name)
    }

    @Test func onlyWhatEveryViewHasIsRequired() async throws {
        let schemas = try #require(try await document()["components"]?["schemas"])
        let pending = members(try Fixture.view(Fixture.pending))
        #expect(elements(schemas["Statement"]?["required"]) == pending.keys.sorted().map { .string($0) })
    }

    private func check(_ value: JSONValue, against schema: JSONValue, in schemas: JSONValue, at place: String) {
        if case .string(let reference) = schema["$ref"] {
            guard let found = schemas[reference.split(separator: "/").last.map(String.init) ?? ""] else {
                Issue.record("\(place): \(reference) leads nowhere")
                return
            }
            check(value, against: found, in: schemas, at: place)
            return
        }
        switch (value, schema["type"]) {
        case (_, nil): break
        case (.object(let found), .string("object")) where schema["properties"] != nil:
            let properties = members(schema["properties"])
            #expect(found.keys.sorted() == properties.keys.sorted(), "\(place)")
            for case .string(let name) in elements(schema["required"]) {
                #expect(properties[name] != nil, "\(place).\(name)")
            }
            for (name, member) in found {
                check(member, against: properties[name] ?? .null, in: schemas, at: "\(place).\(name)")
            }
        case (.array(let found), .string("array")):
            for element in found {
                check(element, against: schema["items"] ?? .null, in: schemas, at: "\(place)[]")
            }
        case (.string(let text), .string("string")):
            if case .string(let pattern) = schema["pattern"], let regex = try? Regex(pattern) {
                #expect(text.wholeMatch(of: regex) != nil, "\(place): \(text)")
            }
        case (.number, .string("integer")), (.bool, .string("boolean")), (.object, .string("object")): break
        default: Issue.record("\(place): \(value) is not what \(schema) describes")
        }
    }
}
