import ArgumentParser
import Foundation
import ProvChain

struct Prune: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, and with --apply remove, what a home need not keep.",
        discussion: """
            Without --apply nothing is removed: it says what would go and how many bytes. The log is never touched: \
            statements, hashes and proofs remain, and anybody who has the bytes can upload them again. The node \
            must be stopped for --apply, except for backups.

            EXAMPLES
              provnode prune --home ~/provnode --attachments --index
              provnode prune --home ~/provnode --attachments --older-than-days 3650 --apply
              provnode prune --home ~/provnode --take-down 9f86d081884c7d65… --apply
              provnode prune --home ~/provnode --backups /mnt/backup --keep 7 --apply
            """)

    @Option(help: "The node's folder.") var home: String
    @Flag(help: "Attachments that no statement refers to, older than an hour.") var attachments = false
    @Option(help: "With --attachments: also those all of whose statements are older than this.")
    var olderThanDays: Int?
    @Option(help: "The SHA-256 of an attachment that must go, with its words for search. Can be repeated.")
    var takeDown: [String] = []
    @Flag(help: "Words of attachments that are gone, what an interrupted reindex left, and free pages.")
    var index = false
    @Option(help: "A folder with backups of this chain, one in each folder of it.") var backups: String?
    @Option(help: "With --backups: how many of the newest to keep.") var keep = 7
    @Flag(help: "Remove it.") var apply = false
    @Flag(help: "Print one JSON document.") var json = false

    func validate() throws {
        guard attachments || index || backups != nil || !takeDown.isEmpty else {
            throw ValidationError(
                "Say what: --attachments, --index, --take-down HASH or --backups DIR.",
                "请说明清理什么：--attachments、--index、--take-down HASH 或 --backups DIR。")
        }
        guard keep > 0 else { throw ValidationError("--keep takes 1 or more.", "--keep 应不小于 1。") }
        guard olderThanDays == nil || attachments else {
            throw ValidationError(
                "--older-than-days belongs to --attachments.", "--older-than-days 须与 --attachments 一起使用。")
        }
        guard (olderThanDays ?? 1) > 0 else {
            throw ValidationError("--older-than-days takes 1 or more.", "--older-than-days 应不小于 1。")
        }
        for hash in takeDown where Digest(hex: hash) == nil {
            throw ValidationError(
                "--take-down takes 64 hexadecimal digits, not \(hash).", "--take-down 应为 64 位十六进制数字，而不是 \(hash)。")
        }
    }

    func run() throws {
        let home = NodeHome(home)
        _ = try home.loadGenesis()
        var policy = Pruning.Policy()
        policy.removesUnreferenced = attachments
        policy.referencedBefore = olderThanDays.map { days in
            let age = UInt64(days).multipliedReportingOverflow(by: Self.millisecondsPerDay)
            let now = WallClock.now()
            return age.overflow || age.partialValue > now ? 0 : now - age.partialValue
        }
        policy.takenDown = takeDown.compactMap { Digest(hex: $0) }
        policy.compactsIndex = index
        policy.backups = backups.map { (NodeHome($0).path, keep) }
        let pruning = Pruning(home: home, policy: policy)
        let items = try pruning.plan(now: Date())
        if apply {
            let bar = ProgressBar(isShown: !json && SystemTerminal.isErrorATerminal)
            defer { bar.finish() }
            try pruning.apply(items) { done, total in bar.show("removing", done, total) }
        }
        report(items)
    }

    private static let millisecondsPerDay: UInt64 = 86_400_000

    private struct Report: Encodable {
        let applied: Bool
        let bytes: Int
        let items: [Pruning.Item]
    }

    private func report(_ items: [Pruning.Item]) {
        let bytes = items.reduce(0) { $0 + $1.bytes }
        if json { return Output.json(Report(applied: apply, bytes: bytes, items: items)) }
        for item in items { print("\(item.kind.rawValue)  \(item.name)  \(item.bytes) bytes  \(item.reason)") }
        print(
            """
            \(items.count) items, \(bytes) bytes \(apply ? "removed" : "would go; give --apply to remove them").
            The log keeps every statement and hash, and all proofs stay valid.
            """)
    }
}
