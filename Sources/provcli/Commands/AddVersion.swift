import ArgumentParser
import ProvChain

struct AddVersionCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "add-version", abstract: "Register a further version of your work. 登记新版本。",
        discussion: """
            Examples:
              provcli add-version urn:provchain:work:… chair-v2.glb
              provcli add-version urn:provchain:work:… scene/ --main scene.gltf
              provcli add-version urn:provchain:work:… chair.glb --previous 1 --offline -o v2.submission
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Argument(help: "The work's URN.") var work: String
    @Argument(help: ArgumentHelp("A file or a folder.", valueName: "file-or-dir")) var path: String
    @Option(help: "Path of the main file inside the folder.") var main: String?
    @Option(help: "Number of the latest version; else the node is asked.") var previous: UInt32?
    @Flag(help: "Print the manifest, what would be claimed, and whose claims that meets; sign and send nothing.")
    var dryRun = false
    @Flag(help: "Sign without asking, although others claim the same. 不再询问。") var yes = false

    func run(in context: Context) async throws {
        let work = try ProvCLI.work(work)
        if making.offline, previous == nil { throw CLIError.failed(.previousMissing) }
        let asset = try Asset(path, main: main, console: context.console)
        if dryRun {
            try await context.preview(asset, making, report: nil)
            return
        }
        let signer = try await context.signer(making)
        let latest: UInt32
        if let previous {
            latest = previous
        } else {
            guard let record = try await context.node().stored(WorkRecord.self, .work(work)) else {
                throw Refusal(.unknownWork, ["work": work.hex])
            }
            latest = record.versions
        }
        if making.offline {
            context.console.notice(.lookupSkipped)
        } else {
            let found = try await context.look(into: asset, party: signer.party, report: nil, replacing: false)
            try context.confirm(found.claims, isAgreed: yes)
        }
        let statement = try signer.sign(.addVersion(AddVersion(content: asset.content, previous: latest))) { _ in
            .work(work)
        }
        try await context.deliver(
            statement, attachments: [asset.manifestBytes], making,
            extra: [
                "work": .string(URN.work(work).description), "version": .number(Int64(latest) + 1),
                "manifestRoot": .string(asset.manifest.root.hex),
                "models": .array(asset.models.map(\.structureDocument)),
            ])
    }
}
