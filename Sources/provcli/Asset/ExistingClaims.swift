import Glibc
import ProvChain

/// Claims that are on the chain already and that a new one would meet: on its manifest's root, or on a hash that it
/// lists as distinctive. They hinder nobody; the chain records the contest.
struct ExistingClaims: Sendable {
    struct Found: Sendable {
        let hash: Digest
        /// The file, or the model and what inside of it, for people.
        let place: String
        let claim: LookupView.Claim
        /// Of the party that is about to claim it again.
        let isOwn: Bool
    }

    /// In the order of the hashes, the root first; each place and work once.
    let found: [Found]

    var ofOthers: [Found] { found.filter { !$0.isOwn } }

    /// Hashes that are asked about at a time.
    private static let lookupsInFlight = 8

    /// - Parameter party: who is about to claim; `nil` if nobody signs yet, and all claims are of others.
    static func find(_ asset: Asset, party: Digest?, _ node: NodeClient) async throws -> ExistingClaims {
        let hashes = [asset.manifest.root] + asset.distinctive
        var views: [Digest: LookupView] = [:]
        var next = 0
        while next < hashes.count {
            let batch = hashes[next..<min(next + lookupsInFlight, hashes.count)]
            next += batch.count
            try await withThrowingTaskGroup(of: (Digest, LookupView).self) { group in
                for hash in batch { group.addTask { (hash, try await node.lookup(hash)) } }
                for try await (hash, view) in group { views[hash] = view }
            }
        }
        let places = places(asset)
        let own = party.map { [URN.party($0).description, $0.hex] } ?? []
        var found: [Found] = []
        var told: Set<String> = []
        for hash in hashes {
            let place = places[hash] ?? hash.hex
            for claim in views[hash]?.claims ?? [] where told.insert("\(place) \(claim.work)").inserted {
                found.append(Found(hash: hash, place: place, claim: claim, isOwn: own.contains(claim.party)))
            }
        }
        return ExistingClaims(found: found)
    }

    private static func places(_ asset: Asset) -> [Digest: String] {
        var places: [Digest: String] = [asset.manifest.root: asset.mainFile.path]
        for file in asset.manifest.files { places[file.sha256] = file.path }
        for model in asset.models {
            for component in model.fingerprint.components where places[component.hash] == nil {
                places[component.hash] =
                    "\(model.path) (\(component.kind.rawValue) \(component.name ?? component.place))"
            }
        }
        return places
    }

    var documents: [JSONValue] {
        found.map { entry in
            var members: [String: JSONValue] = [
                "hash": .string(entry.hash.hex), "path": .string(entry.place), "urn": .string(entry.claim.work),
                "party": .string(entry.claim.party), "version": .number(Int64(entry.claim.version)),
                "time": JSONValue(entry.claim.time),
                "state": .string(entry.claim.contested ? "contested" : "uncontested"), "own": .bool(entry.isOwn),
            ]
            if let title = entry.claim.title { members["title"] = .string(title) }
            return .object(members)
        }
    }

    /// Says them on standard error.
    func tell(_ console: Console) {
        for entry in found {
            console.notice(
                entry.isOwn ? .alreadyYours : .alreadyClaimed,
                [
                    "path": entry.place, "party": entry.claim.party, "work": entry.claim.work,
                    "time": Time.text(milliseconds: entry.claim.time),
                ])
        }
        if !ofOthers.isEmpty { console.notice(.contestAhead, ["count": "\(Set(ofOthers.map(\.claim.work)).count)"]) }
    }
}

extension Context {
    /// What a person should know before signing: whose claims the content meets, and what it looks like. Said on
    /// standard error; the similarity report is written if a path is given.
    ///
    /// - Parameter party: who signs; `nil` if nobody does yet.
    func look(
        into asset: Asset, party: Digest?, report path: String?, replacing: Bool
    ) async throws -> (claims: ExistingClaims, similar: SimilarWorks?) {
        let claims = try await ExistingClaims.find(asset, party: party, try node())
        claims.tell(console)
        return (claims, try await warnOfLookAlikes(to: asset, report: path, replacing: replacing))
    }

    /// Asks a person at a terminal whether to sign although others claim the same. Where nobody can be asked, the
    /// command goes on: it has said what it found.
    func confirm(_ claims: ExistingClaims, isAgreed: Bool) throws(CLIError) {
        guard !claims.ofOthers.isEmpty, !isAgreed, !console.json, Console.isInteractive else { return }
        let question = Catalogue.Notice.askContested.phrase.text(in: console.language)
        let answer = Prompt.line(question, fallback: "n").lowercased()
        guard ["y", "yes", "是"].contains(answer) else {
            console.notice(.nothingSigned)
            throw .answered(.no)
        }
    }
}
