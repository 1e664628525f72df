import FoundationEssentials
import ProvChain

/// Works that look like an asset, as a node found them by the prints and codes of their manifests. A reason to look,
/// never proof, and no claim of anybody.
struct SimilarWorks: Sendable {
    struct Found: Sendable {
        /// The file at hand.
        let path: String
        /// What of it was compared: `whole`, `part` or `iscc`.
        let of: String
        let entry: SimilarView.Entry
    }

    /// Look-alikes by shape, then those by code; the nearest first, each version of a work once in both.
    let found: [Found]
    /// Prints that the node compared with.
    let searched: UInt64
    /// False if the node was still reading what was registered before.
    let isComplete: Bool

    /// Prints that are asked about: the wholes, then the parts with most triangles.
    static let maximumQueries = 64
    private static let queriesInFlight = 8

    private struct Query: Sendable {
        let path: String
        let of: String
        let print: ShapePrint?
    }

    /// Asks a node; `nil` if it does not search.
    ///
    /// - Parameters:
    ///   - models: prints by path.
    ///   - code: of the file at `path`.
    static func find(
        _ models: [(path: String, prints: AssetPrints)], code: ISCCCode?, path: String, _ node: NodeClient
    ) async throws -> SimilarWorks? {
        var queries = Self.queries(models)
        if code != nil { queries.append(Query(path: path, of: "iscc", print: nil)) }
        var answers: [(Query, SimilarView)] = []
        var next = 0
        do {
            while next < queries.count {
                let batch = queries[next..<min(next + queriesInFlight, queries.count)]
                next += batch.count
                try await withThrowingTaskGroup(of: (Query, SimilarView).self) { group in
                    for query in batch {
                        group.addTask {
                            if let print = query.print { return (query, try await node.similar(to: print)) }
                            guard let code else { preconditionFailure("a question without a print and a code") }
                            return (query, try await node.similar(to: code))
                        }
                    }
                    for try await answer in group { answers.append(answer) }
                }
            }
        } catch let error as CLIError where Self.isOff(error) {
            return nil
        }
        return SimilarWorks(answers)
    }

    /// A node without this role, or of a release before it.
    private static func isOff(_ error: CLIError) -> Bool {
        switch error {
        case .problem(let problem, _): problem.rule == Catalogue.Failure.searchOff.rawValue
        case .failed(let failure, _): failure == .notFound
        case .refused, .answered: false
        }
    }

    /// A primitive resembles what everybody makes, so nobody is asked about it.
    private static func queries(_ models: [(path: String, prints: AssetPrints)]) -> [Query] {
        func isAsked(_ shape: PrintedShape) -> Bool {
            switch shape.distinction {
            case .distinctive, .fewTriangles: true
            case .primitive: false
            }
        }
        var known: Set<ShapePrint> = []
        let wholes = models.compactMap { model in
            model.prints.whole.flatMap { isAsked($0) ? Query(path: model.path, of: "whole", print: $0.print) : nil }
        }
        let parts = models.flatMap { model in
            model.prints.components.filter(isAsked).map { (model.path, $0) }
        }.sorted { ($1.1.triangles, $0.1.print.hex) < ($0.1.triangles, $1.1.print.hex) }
            .map { Query(path: $0.0, of: "part", print: $0.1.print) }
        let unique = (wholes + parts).filter { query in query.print.map { known.insert($0).inserted } ?? false }
        return Array(unique.prefix(maximumQueries))
    }

    private init(_ answers: [(Query, SimilarView)]) {
        let ordered = answers.flatMap { query, view in
            view.similar.map { Found(path: query.path, of: query.of, entry: $0) }
        }
        .sorted { $0.order < $1.order }
        var seen: Set<String> = []
        found = ordered.filter { seen.insert("\($0.of == "iscc") \($0.entry.work) \($0.entry.version)").inserted }
        searched = answers.filter { $0.0.of != "iscc" }.map(\.1.searched).max() ?? 0
        isComplete = answers.allSatisfy(\.1.complete)
    }

    var documents: [JSONValue] { found.map(\.document) }

    /// Says them on standard error.
    func tell(_ console: Console) {
        for entry in found { console.notice(.similarWork, entry.values) }
        if !isComplete { console.notice(.searchIncomplete) }
    }

    // MARK: The report

    static let reportFormat = "similarity-report/1"

    /// What was asked and answered, as bytes whose hash a review can name: JSON with its members in order.
    ///
    /// - Parameters:
    ///   - asset: what was asked about.
    ///   - chain: where the node stood.
    func report(of asset: Asset, _ chain: ChainView) -> [UInt8] {
        let prints = asset.manifest.prints.map { print in
            JSONValue.object(["algorithm": .string(print.algorithm), "print": .string(Hex.encode(print.bytes))])
        }
        let document = JSONValue.object([
            "format": .string(Self.reportFormat), "chain": .string(chain.chain), "height": JSONValue(chain.height),
            "time": JSONValue(chain.time), "software": .string(chain.software),
            "manifestRoot": .string(asset.manifest.root.hex), "prints": .array(prints),
            "codes": .array(asset.manifest.codes.map { .string($0.value) }), "searched": JSONValue(searched),
            "complete": .bool(isComplete), "similar": .array(documents),
        ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(document) else { preconditionFailure("a JSON value did not encode") }
        return Array(data)
    }
}

extension SimilarWorks.Found {
    var document: JSONValue {
        var members: [String: JSONValue] = [
            "urn": .string(entry.work), "party": .string(entry.party), "version": .number(Int64(entry.version)),
            "time": JSONValue(entry.time), "state": .string(entry.contested ? "contested" : "uncontested"),
            "distance": .number(Int64(entry.distance)), "resemblance": .string(entry.resemblance),
            "basis": .string(entry.basis), "of": .string(of), "path": .string(path),
        ]
        if let title = entry.title { members["title"] = .string(title) }
        return .object(members)
    }

    fileprivate var values: [String: String] {
        [
            "path": path, "work": entry.work, "party": entry.party, "title": entry.title ?? "–",
            "distance": "\(entry.distance)", "resemblance": entry.resemblance,
            "basis": of == "iscc" ? "iscc \(entry.basis)" : "\(of) – \(entry.basis)",
        ]
    }

    /// Shapes before codes, the nearest first, wholes before parts. Answers come in any order.
    fileprivate var order: (Int, Int, Int, String, String) {
        let rank = of == "whole" ? 0 : of == "part" ? 1 : 2
        return (rank / 2, entry.distance, rank, entry.work, path)
    }

    /// For people, as a line of a result.
    var text: String {
        "~ \(path)  \(of == "iscc" ? "iscc \(entry.basis)" : "\(of)/\(entry.basis)")  \(entry.distance)  "
            + "\(entry.resemblance)  \(entry.work)  \(entry.party)" + (entry.title.map { "  \($0)" } ?? "")
    }
}

extension Context {
    /// Says which works an asset looks like, and writes the similarity report, before anything is signed.
    ///
    /// - Returns: `nil` if the node does not search.
    func warnOfLookAlikes(
        to asset: Asset, report path: String?, replacing: Bool
    ) async throws -> SimilarWorks? {
        let node = try node()
        guard
            let similar = try await SimilarWorks.find(
                asset.prints, code: asset.manifest.iscc, path: asset.mainFile.path, node)
        else {
            console.notice(.searchOff)
            if path != nil { throw CLIError.failed(.searchOff) }
            return nil
        }
        similar.tell(console)
        guard let path else { return similar }
        let report = similar.report(of: asset, try await node.chain())
        try Disk.write(report, to: path, .open, replacing: replacing)
        console.notice(.similarityReport, ["path": path, "hash": SHA256.hash(report).hex])
        return similar
    }
}
