import HTTPTypes
import Hummingbird
import ProvChain

/// Ways to find records: by hash, by words, by party. Each is a list that comes in pages.
extension Routes {
    var lists: [Route] { [lookup, search, similarShapes, similarCodes, worksOfParty, titlesOfParty, offersOfParty] }

    private var lookup: Route {
        list(
            "/api/v1/lookup/{sha256}", id: "lookUp", summary: "Who claimed exactly this file, component or manifest",
            of: .sha256, limit: Self.pageLimit,
            answer: .json("Lookup", "The claims in order of time; none if nobody claimed it.")
        ) { [node] in try await node.lookup($0, limit: $1, after: $2) }
    }

    private var search: Route {
        list(
            "/api/v1/search", id: "searchWorks",
            summary: "Works whose title, description or authors have these words",
            of: .words, limit: .limit(1...UInt64(NodeLimits.searchResults), default: 20),
            answer: .json("WorkList", "A page of works, newest first.")
        ) { [node] in try await node.search($0, limit: $1, after: $2) }
    }

    private var worksOfParty: Route {
        list(
            "/api/v1/parties/{party}/works", id: "getWorksOfParty", summary: "The works that a party claims",
            of: .party, limit: Self.pageLimit, answer: .json("WorkList", "A page of works, newest first.")
        ) { [node] in try await node.works(of: $0, limit: $1, after: $2) }
    }

    private var titlesOfParty: Route {
        list(
            "/api/v1/parties/{party}/titles", id: "getTitlesOfParty",
            summary: "The shares of titles that a party holds",
            of: .party, limit: Self.pageLimit, answer: .json("TitleList", "A page of titles, by their names.")
        ) { [node] in try await node.titles(of: $0, limit: $1, after: $2) }
    }

    private var offersOfParty: Route {
        list(
            "/api/v1/parties/{party}/offers", id: "getOffersOfParty",
            summary: "The offers of title that a party made or received",
            of: .party, limit: Self.pageLimit, answer: .json("OfferList", "A page of offers, newest first.")
        ) { [node] in try await node.offers(of: $0, limit: $1, after: $2) }
    }

    private static let pageLimit = Parameter<UInt64>.limit(1...UInt64(NodeLimits.pageSize), default: 100)

    /// What all lists share: a thing that they are about, `limit`, `after`, and a page as the answer.
    private func list<Value: Sendable, View: Encodable & SendableMetatype>(
        _ path: String, id: String, summary: String, of thing: Parameter<Value>, limit: Parameter<UInt64>,
        answer: RouteDescription.Answer, _ page: @escaping @Sendable (Value, Int, String?) async throws -> View
    ) -> Route {
        let description = RouteDescription(
            method: .get, path: path, id: id, summary: summary,
            parameters: [
                thing.description, limit.description, Parameter.after.description, Parameter.pretty.description,
            ],
            answers: [answer], problems: [.badRequest])
        return Route(description) { call in
            let value = try call.require(thing)
            let after = try call.optional(.after)
            // The parameter's range begins at 1 and has a default.
            let most = Int(try call.optional(limit) ?? limit.fallback ?? 1)
            return try call.json(try await page(value, most, after))
        }
    }
}
