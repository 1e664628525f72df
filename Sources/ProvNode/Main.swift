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
              provnode why --home ~/provnode
              provnode verify --home ~/provnode
              provnode backup --home ~/provnode --to /mnt/backup/today

            Exit codes: 0 done; 1 the honest answer is no; 64 wrong usage; 65 bad input data; 69 node \
            unreachable; 70 internal error; 74 the disk is full or failed; 75 a node runs on this home.
            What goes wrong is said in the language of the locale (LC_ALL, LC_MESSAGES, LANG): Chinese or English.
            """,
        version: Software.version,
        subcommands: [
            Init.self, Run.self, Status.self, Why.self, Verify.self, Reindex.self, Backup.self, Restore.self,
            Prune.self, Apply.self, Found.self, Join.self, Observe.self, Resume.self, Testnet.self, Bench.self,
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
        case let error as NodeCommandError: stop(error.phrase, code: error.code)
        case let error as LogStoreError: stop(error.phrase, code: error.isDiskFull ? 74 : 65)
        case let error as DatabaseFailure: stop(error.phrase, code: error.isDiskFull ? 74 : 65)
        case let error as AttachmentError: stop(error.phrase, code: error.isDiskFull ? 74 : 65)
        case let error as StorageFailure: stop(error.phrase, code: 74)
        // What a home, its files and its configuration say wrong.
        case let error as any Spoken: stop(error.phrase, code: 65)
        case let error as CocoaError: stop(error.phrase, code: 65)
        case is ExitCode, is CleanExit, is ValidationError: exit(withError: error)
        default:
            let code = exitCode(for: error)
            if code == .validationFailure || code == .success { exit(withError: error) }
            stop(Phrase(same: "\(error)"), code: 70)
        }
    }

    private static func stop(_ phrase: Phrase, code: Int32) -> Never {
        let message = phrase.text(in: .ofLocale)
        if CommandLine.arguments.contains("--json") { Output.json(["error": ["message": message]]) }
        FileHandle.standardError.write(Data("provnode: \(message)\n".utf8))
        exit(withError: ExitCode(code))
    }
}

extension CocoaError {
    /// Which file, and the system's own words: what Foundation prints is for programmers.
    fileprivate var phrase: Phrase {
        let reason = (underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        let words = reason ?? localizedDescription
        return Phrase(
            "\(filePath ?? "a file") cannot be read or written: \(words)",
            "无法读写\(filePath.map { " \($0)" } ?? "文件")：\(words)")
    }
}

/// An error that a command found by itself.
struct NodeCommandError: Spoken {
    let phrase: Phrase
    let code: Int32
}
