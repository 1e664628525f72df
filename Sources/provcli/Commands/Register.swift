import ArgumentParser
import ProvChain

struct Register: Command {
    static let configuration = CommandConfiguration(
        abstract: "Claim a 3D asset: one file, or every file of a folder. 登记三维资产。",
        discussion: """
            Reads the files, never sends them: the chain keeps hashes, and the title, description and authors are \
            kept beside it. Hidden files are left out. The main file of a folder is its GLB, glTF, USD, … nearest the \
            top, or --main.

            Before anything is signed, the node is asked who claims the files and the distinctive shapes inside \
            already, and what looks like them. A claim of another makes both contested; at a terminal you are asked \
            whether to sign all the same. --dry-run shows all of it and ends there.

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
    @Flag(help: "Print the manifest, what would be claimed, and whose claims that meets; sign and send nothing.")
    var dryRun = false
    @Flag(help: "Sign without asking, although others claim the same. 不再询问。") var yes = false

    func run(in context: Context) async throws {
        let category = try ProvCLI.word(category, of: WorkCategory.self)
        let basis = try ProvCLI.word(basis, of: ClaimBasis.self)
        try checkMetadata()
        let asset = try Asset(path, main: main, words: (title, description), console: context.console)
        let evidence = try readEvidence(context)
        if let compareWith { try LookAlikes(of: asset, among: compareWith).tell(context.console) }
        if dryRun {
            try await context.preview(asset, making, report: similarityReport)
            return
        }
        let signer = try await context.signer(making)
        if making.offline {
            context.console.notice(.lookupSkipped)
        } else {
            let found = try await context.look(
                into: asset, party: signer.party, report: similarityReport, replacing: making.force)
            try context.confirm(found.claims, isAgreed: yes)
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
    ///
    /// - Parameters:
    ///   - claims: that this one would meet; `nil` if nobody was asked.
    ///   - similar: `nil` if no node searched.
    func printManifest(_ console: Console, claims: ExistingClaims?, similar: SimilarWorks?) {
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
            "alreadyClaimed": claims.map { .array($0.documents) } ?? .null,
            "similar": .array(similar?.documents ?? []), "similarSearched": .bool(similar != nil),
        ]
        console.result(.object(document), lines)
    }
}

extension Context {
    /// `--dry-run`: the manifest, and what a node knows of its content, if one can be asked.
    func preview(_ asset: Asset, _ making: StatementOptions, report path: String?) async throws {
        guard !making.offline, hasNode else {
            console.notice(.lookupSkipped)
            return asset.printManifest(console, claims: nil, similar: nil)
        }
        let found = try await look(into: asset, party: nil, report: path, replacing: making.force)
        asset.printManifest(console, claims: found.claims, similar: found.similar)
    }
}
