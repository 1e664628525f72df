import ArgumentParser
import ProvChain

struct Submit: Command {
    static let configuration = CommandConfiguration(
        abstract: "Send a statement that was signed offline. 提交离线签名的声明。",
        discussion: """
            Takes what --offline wrote, or the bare statement (COSE). Sending the same file twice is safe.

            Examples:
              provcli submit chair.submission
              provcli submit chair.submission --wait submitted
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The file.") var file: String

    func run(in context: Context) async throws {
        let limit = Limits.statementBytes + Limits.attachmentsPerStatement * (Limits.attachmentBytes + 16) + 64
        let bytes = try Disk.read(file, limit: limit)
        let submission: Submission
        if bytes.first == 0xc0 | UInt8(Statement.tag) {
            submission = Submission(statement: bytes)
        } else {
            do throws(CBORError) {
                submission = try Submission(cbor: bytes)
            } catch {
                throw CLIError.failed(
                    .badContent, ["path": file, "expected": "submission", "reason": error.description])
            }
        }
        let statement = try Statement(encoded: submission.statement)
        let (_, chain) = try await context.chain()
        guard statement.claims.chain == chain else {
            throw Refusal(.wrongChain, ["found": statement.claims.chain.hex, "expected": chain.hex])
        }
        try await context.printOutcome(try await context.send(submission, statement))
    }
}

struct Status: Command {
    static let configuration = CommandConfiguration(
        abstract: "Where a statement stands. 查询声明状态。",
        discussion: """
            Exit code 0 if it is final, 75 while it is pending, 1 if the node does not know it.

            Example:
              provcli status 4f0c…
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The statement's id or URN.") var statement: String

    func run(in context: Context) async throws {
        let view = try await context.node().statement(try ProvCLI.statement(statement))
        context.console.result(JSONValue(view), context.lines(of: view))
        if view.status == .pending { throw CLIError.answered(.tryAgain) }
    }
}
