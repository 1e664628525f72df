import ArgumentParser
import ProvChain

struct Register: Command {
    static let configuration = CommandConfiguration(
        abstract: "Claim a 3D asset: one file, or every file of a folder. 登记三维资产。",
        discussion: """
            Reads the files, never sends them: the chain keeps hashes, and the title, description and authors are \
            kept beside it. Hidden files are left out. The main file of a folder is its GLB, glTF, USD, … nearest the \
            top, or --main.

            Examples:
              provcli register chair.glb --title "Chair No. 14"
              provcli register scene/ --title "Hall of Mirrors" --author "Li Wei" --licence CC-BY-4.0
              provcli register head.glb --title "Head" --category digital-human --evidence source-file:head.blend
              provcli register chair.glb --title "Chair" --dry-run
              provcli register chair.glb --title "Chair" --offline -o chair.submission --chain urn:provchain:chain:…

            Categories: \(WorkCategory.allCases.map(\.name).joined(separator: ", "))
            Grounds (--basis): \(ClaimBasis.allCases.map(\.name).joined(separator: ", "))
            Evidence: \(EvidenceKind.allCases.map(\.name).joined(separator: ", "))
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Argument(help: ArgumentHelp("A file or a folder.", valueName: "file-or-dir")) var path: String
    @Option(help: "Title of the work. 标题。") var title: String
    @Option(help: "Description of the work. 说明。") var description: String?
    @Option(name: .customLong("author"), help: "Name of an author; may be repeated. 作者。") var authors: [String] = []
    @Option(help: "On what ground you claim the work.") var basis = "author"
    @Option(help: "What kind of creation the work is.") var category = "3d-model"
    @Option(help: "Declared licence, an SPDX expression.") var licence: String?
    @Option(
        help: ArgumentHelp("Evidence, committed to by its hash; may be repeated.", valueName: "kind:file"))
    var evidence: [String] = []
    @Option(help: "Path of the main file inside the folder.") var main: String?
    @Option(
        help: ArgumentHelp(
            "Models you have; says before signing which of them this one looks like.", valueName: "file-or-dir"))
    var compareWith: String?
    @Option(
        help: ArgumentHelp(
            "Write here which registered works this one looks like; the hash can go into a review. 相似度报告。",
            valueName: "file"))
    var similarityReport: String?
    @Flag(help: "Let not everybody read the manifest, the list of files; the node keeps it for you. 限制清单的读取。")
    var restrictManifest = false
    @Flag(help: "Print the manifest and what would be claimed; sign and send nothing.") var dryRun = false

    func run(in context: Context) async throws {
        let category = try ProvCLI.word(category, of: WorkCategory.self)
        let basis = try ProvCLI.word(basis, of: ClaimBasis.self)
        try checkMetadata()
        let asset = try Asset(path, main: main, words: (title, description), console: context.console)
        let evidence = try readEvidence(context)
        if let compareWith { try LookAlikes(of: asset, among: compareWith).tell(context.console) }
        if dryRun {
            asset.printManifest(context.console)
            return
        }
        let signer = try await context.signer(making)
        if making.offline {
            context.console.notice(.lookupSkipped)
        } else {
            try await context.warnOfClaims(to: asset, party: signer.party)
            try await context.warnOfLookAlikes(to: asset, report: similarityReport, replacing: making.force)
        }
        let metadata = WorkMetadata(title: title, description: description, authors: authors).cbor
        let payload = RegisterWork(
            category: category, basis: basis, metadata: AttachmentReference(to: metadata), content: asset.content,
            spdx: licence, evidence: evidence)
        let statement = try signer.sign(.registerWork(payload)) { .work($0) }
        try await context.deliver(
            statement, attachments: [metadata, asset.manifestBytes],
            restricted: restrictManifest ? [SHA256.hash(asset.manifestBytes)] : [], making,
            extra: [
                "work": .string(statement.claims.subject.description), "version": .number(1),
                "manifestRoot": .string(asset.manifest.root.hex),
                "models": .array(asset.models.map(\.structureDocument)),
            ])
    }

    private func checkMetadata() throws(CLIError) {
        let texts = [
            ("--title", title, WorkMetadata.maximumTitleBytes),
            ("--description", description ?? "", WorkMetadata.maximumDescriptionBytes),
            ("--licence", licence ?? "", Limits.spdxBytes),
        ]
        for (field, text, limit) in texts + authors.map({ ("--author", $0, WorkMetadata.maximumAuthorBytes) })
        where text.utf8.count > limit {
            throw .failed(.tooLong, ["field": field, "size": "\(text.utf8.count)", "limit": "\(limit)"])
        }
        guard !title.isEmpty else { throw ProvCLI.bad(title, "--title") }
        for (what, count, limit) in [
            ("--author", authors.count, WorkMetadata.maximumAuthors), ("--evidence", evidence.count, Limits.evidence),
        ] where count > limit {
            throw .failed(.tooMany, ["what": what, "count": "\(count)", "limit": "\(limit)"])
        }
    }

    private func readEvidence(_ context: Context) throws(CLIError) -> [Evidence] {
        var entries: [Evidence] = []
        for text in evidence {
            guard let colon = text.firstIndex(of: ":") else { throw ProvCLI.bad(text, "KIND:FILE") }
            let kind = try ProvCLI.word(String(text[..<colon]), of: EvidenceKind.self)
            let file = try Asset.fingerprint(String(text[text.index(after: colon)...]), console: context.console)
            entries.append(Evidence(kind: kind, commitment: file.sha256, collected: Time.now))
        }
        return entries
    }
}

extension Asset {
    /// What `--dry-run` shows.
    func printManifest(_ console: Console) {
        let files = manifest.files.map { file in
            JSONValue.object([
                "path": .string(file.path), "mediaType": .string(file.mediaType), "size": JSONValue(file.size),
                "sha256": .string(file.sha256.hex),
            ])
        }
        var components: [JSONValue] = []
        var lines: [Console.Line] = [
            .init(.manifestRoot, manifest.root.hex), .init(.mainFile, mainFile.path),
            .init(.files, "\(manifest.files.count)"), .init(.size, "\(manifest.totalSize)"),
        ]
        for file in manifest.files {
            lines.append(.init("\(file.sha256)  \(file.size)  \(file.mediaType)  \(file.path)"))
        }
        lines += manifest.codes.map { .init($0.value) }
        for model in models {
            for component in model.fingerprint.components {
                components.append(model.document(component))
                lines.append(Model.line(component, after: "\(model.path)  "))
            }
        }
        let document: [String: JSONValue] = [
            "format": .string(Manifest.format), "manifestRoot": .string(manifest.root.hex), "files": .array(files),
            "size": JSONValue(manifest.totalSize), "distinctive": .array(distinctive.map { .string($0.hex) }),
            "components": .array(components), "prints": .number(Int64(manifest.prints.count)),
            "codes": .array(manifest.codes.map { .string($0.value) }),
            "models": .array(models.map(\.structureDocument)),
        ]
        console.result(.object(document), lines)
    }
}

extension Context {
    /// Hashes that are asked about at a time.
    private static let lookupsInFlight = 8

    /// Says on standard error which of the content is claimed already. That hinders nobody: the chain records
    /// the contest.
    func warnOfClaims(to asset: Asset, party: Digest) async throws {
        let node = try node()
        var names: [Digest: String] = [asset.manifest.root: asset.mainFile.path]
        for file in asset.manifest.files { names[file.sha256] = file.path }
        for model in asset.models {
            for component in model.fingerprint.components where names[component.hash] == nil {
                names[component.hash] =
                    "\(model.path) (\(component.kind.rawValue) \(component.name ?? component.place))"
            }
        }
        let hashes = [asset.manifest.root] + asset.distinctive
        var found: [Digest: LookupView] = [:]
        var next = 0
        while next < hashes.count {
            let batch = hashes[next..<min(next + Self.lookupsInFlight, hashes.count)]
            next += batch.count
            try await withThrowingTaskGroup(of: (Digest, LookupView).self) { group in
                for hash in batch { group.addTask { (hash, try await node.lookup(hash)) } }
                for try await (hash, view) in group { found[hash] = view }
            }
        }
        var told: Set<String> = []
        for hash in hashes {
            for claim in found[hash]?.claims ?? [] where told.insert("\(names[hash] ?? "") \(claim.work)").inserted {
                let isOwn = claim.party == URN.party(party).description || claim.party == party.hex
                console.notice(
                    isOwn ? .alreadyYours : .alreadyClaimed,
                    isOwn
                        ? ["path": names[hash] ?? hash.hex, "work": claim.work]
                        : [
                            "path": names[hash] ?? hash.hex, "party": claim.party, "work": claim.work,
                            "time": Time.text(milliseconds: claim.time),
                        ])
            }
        }
    }
}
