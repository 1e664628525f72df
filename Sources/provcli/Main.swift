import ArgumentParser
import Glibc
import ProvChain

@main
struct ProvCLI: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provcli",
        abstract: "Register 3D assets on ProvChain and prove who claims them. 登记三维资产并证明权属。",
        discussion: """
            Start with: provcli init, then provcli party apply, then provcli register model.glb --title "My model"

            Exit codes: 0 done; 1 the honest answer is no; 64 wrong usage; 65 bad input data; 69 node unreachable; \
            70 internal error; 75 try again; 77 refused by the registry's rules.
            """,
        version: softwareVersion,
        subcommands: [
            Init.self, KeyCommand.self, PartyCommand.self, Register.self, AddVersionCommand.self, Show.self,
            HistoryCommand.self, Lookup.self, Fingerprint.self, Compare.self, TitleCommand.self, ReceiptCommand.self,
            Prove.self, Check.self, ProveComponent.self, CheckComponent.self, AttachmentCommand.self,
            TokenCommand.self, Submit.self, Status.self, GenesisCommand.self, Version.self,
        ])

    static let softwareVersion = "0.1.0"

    static func main() async {
        do {
            try checkArguments()
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let code as ExitCode {
            // A command of ours has said everything.
            exit(withError: code)
        } catch {
            // A wrong command line is reported before any option is known to be good.
            if exitCode(for: error) == .validationFailure, CommandLine.arguments.contains("--json") {
                Console(json: true, language: .english).print(json: CLIError.usage(message(for: error)))
            }
            exit(withError: error)
        }
    }

    /// A title or a path with damaged characters would be another one, and signed as such.
    private static func checkArguments() throws(ValidationError) {
        for index in 0..<Int(CommandLine.argc) {
            guard let argument = CommandLine.unsafeArgv[index] else { continue }
            guard String(validatingCString: argument) != nil else {
                throw ValidationError("Argument \(index), \"\(String(cString: argument))\", is not UTF-8.")
            }
        }
    }
}
