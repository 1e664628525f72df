import ArgumentParser
import Foundation
import ProvChain

@main
struct ProvNode: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "provnode",
        abstract: "The node that a member organisation runs.",
        discussion: """
            EXAMPLES
              provnode init --home ~/provnode --unencrypted-keys
              provnode run --home ~/provnode
              provnode status --home ~/provnode
              provnode verify --home ~/provnode
              provnode backup --home ~/provnode --to /mnt/backup/today

            Exit codes: 0 done; 1 the honest answer is no; 64 wrong usage; 65 bad input data; 69 node \
            unreachable; 70 internal error; 74 the disk is full or failed; 75 a node runs on this home.
            """,
        version: Software.version,
        subcommands: [
            Init.self, Run.self, Status.self, Verify.self, Reindex.self, Backup.self, Restore.self, Prune.self,
            Apply.self, Found.self, Join.self, Testnet.self, Bench.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            leave(error)
        }
    }

    /// Ends the process: our own errors by their exit code, everything else as ArgumentParser does.
    private static func leave(_ error: any Error) -> Never {
        switch error {
        case let error as HomeError: stop(error.description, code: 65)
        case let error as LogStoreError: stop(error.description, code: error.isDiskFull ? 74 : 65)
        case let error as StorageFailure: stop(error.description, code: 74)
        case let error as RecoveryError: stop(error.description, code: 65)
        case let error as DatabaseFailure: stop(error.description, code: error.isDiskFull ? 74 : 65)
        case let error as AttachmentError: stop(error.description, code: error.isDiskFull ? 74 : 65)
        case let error as BackupError: stop(error.description, code: 65)
        case let error as ConfigurationError: stop(error.description, code: 65)
        case let error as KeyFileError: stop(error.description, code: 65)
        case let error as GenesisError: stop(error.description, code: 65)
        case let error as CocoaError: stop(error.sentence, code: 65)
        case let error as NodeCommandError: stop(error.description, code: error.code)
        case is ExitCode, is CleanExit, is ValidationError: exit(withError: error)
        default:
            let code = exitCode(for: error)
            if code == .validationFailure || code == .success { exit(withError: error) }
            stop("\(error)", code: 70)
        }
    }

    private static func stop(_ message: String, code: Int32) -> Never {
        if CommandLine.arguments.contains("--json") { Output.json(["error": ["message": message]]) }
        FileHandle.standardError.write(Data("provnode: \(message)\n".utf8))
        exit(withError: ExitCode(code))
    }
}

extension CocoaError {
    /// Which file, and the system's own words: what Foundation prints is for programmers.
    fileprivate var sentence: String {
        let reason = (underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        return "\(filePath ?? "a file") cannot be read or written: \(reason ?? localizedDescription)"
    }
}

/// An error that a command found by itself.
struct NodeCommandError: Error, CustomStringConvertible {
    let description: String
    let code: Int32
}
