import Foundation
import ProvChain

/// The check behind `provnode verify`.
struct HomeVerification {
    let home: NodeHome
    let genesis: GenesisFile
    /// Build a second index and compare all of it. The node must be stopped.
    var isDeep = false

    struct Report: Encodable {
        struct Check: Encodable {
            let name: String
            let ok: Bool
            let detail: Phrase

            enum CodingKeys: CodingKey { case name, ok, detail }

            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(name, forKey: .name)
                try container.encode(ok, forKey: .ok)
                try container.encode(detail.text(in: .ofLocale), forKey: .detail)
            }
        }

        var checks: [Check] = []
        var verified: Bool { !checks.isEmpty && checks.allSatisfy(\.ok) }

        enum CodingKeys: CodingKey { case verified, checks }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(verified, forKey: .verified)
            try container.encode(checks, forKey: .checks)
        }
    }

    typealias Progress = (_ part: String, _ done: UInt64, _ total: UInt64) -> Void

    /// Runs every check that can still say something; one that fails ends those that build on it.
    func run(progress: @escaping Progress) -> Report {
        var report = Report()
        guard LogFolder.exists(home.path + "/log") else {
            report.add("log files") {
                throw NodeCommandError(
                    phrase: Phrase("there is no log yet: the node has not run", "还没有日志：节点尚未运行过"), code: 1)
            }
            return report
        }
        var reader: LogReader?
        report.add("log files") {
            let log = try LogReader.open(at: home.path)
            try log.verifyAll { done, total in progress("log files", done, total) }
            reader = log
            return Phrase("\(log.size) leaves, tiles agree with entries", "\(log.size) 个叶子，瓦片文件与条目一致")
        }
        guard let reader else { return report }
        // What cannot be opened is told by its own check, and does not stop the replay.
        let state = Result { try StateComparison(home) }
        let index = Result { try IndexComparison(home) }
        let deep = Result { try isDeep ? DeepIndexComparison(home) : nil }
        var findings = Findings()
        var top: UInt64?
        report.add("replay") {
            let scratch = try ScratchState()
            let (ledger, statements) = try replay(reader, scratch.database, progress) { ledger, replayed, block in
                findings.collect("state") { try state.get()?.take(ledger.tip, replayed) }
                findings.collect("index") { try index.get()?.take(block) }
                findings.collect("deep") { try deep.get()?.take(block) }
            } needsState: { height in
                (try? state.get())?.height == height
            }
            top = ledger.tip.header.height
            let blocks = ledger.tip.header.height + 1
            return Phrase(
                "\(blocks) blocks and \(statements) statements executed again: signatures, rules, certificates and roots "
                    + "agree", "重新执行了 \(blocks) 个区块和 \(statements) 条声明：签名、规则、证书和根均一致")
        }
        guard let top else { return report }
        report.add("state database") {
            try findings.raise("state")
            return try state.get()?.conclusion(top) ?? Self.empty
        }
        report.add("index") {
            try findings.raise("index")
            return try index.get()?.conclusion(top) ?? Self.empty
        }
        if isDeep {
            report.add("index, in full") {
                try findings.raise("deep")
                return try deep.get()?.conclusion() ?? Self.empty
            }
        }
        report.add("attachments") { try checkAttachments(progress) }
        report.add("access log") {
            let (count, head) = try AccessLog.verify(home.accessLog)
            return Phrase(
                "\(count) reads of restricted attachments, each with the hash of the one before; the last is "
                    + "number \(head.number) with hash \(head.hash.hex)",
                "\(count) 次受限附件读取，每条都含前一条的哈希；最后一条编号为 \(head.number)，哈希为 \(head.hash.hex)")
        }
        return report
    }

    private static let empty = Phrase("empty: it will be rebuilt from the log", "为空：将由日志重建")

    /// The first failure of each comparison, kept until it is its turn in the report.
    private struct Findings {
        private var failures: [String: any Error] = [:]

        mutating func collect(_ name: String, _ check: () throws -> Void) {
            guard failures[name] == nil else { return }
            do { try check() } catch { failures[name] = error }
        }

        func raise(_ name: String) throws {
            if let failure = failures[name] { throw failure }
        }
    }

    /// Executes the whole log from the genesis, and checks every signature and certificate.
    ///
    /// - Parameters:
    ///   - visit: told of every block after it was executed; the state is complete where it was asked for.
    ///   - needsState: heights at which all records must be in the state.
    private func replay(
        _ reader: LogReader, _ state: StateDatabase, _ progress: Progress,
        visit: (Ledger, StateDatabase, ExecutedBlock) -> Void, needsState: (UInt64) -> Bool
    ) throws -> (Ledger, statements: UInt64) {
        var (ledger, first) = try Ledger.start(genesis)
        guard try reader.entry(first.header.leafIndex) == first.headerLeaf else {
            throw RecoveryError.foreignLog(path: home.path)
        }
        var statements: UInt64 = 1
        try flush(&ledger, to: state)
        visit(ledger, state, first)
        let top = reader.height ?? 0
        for height in stride(from: UInt64(1), through: top, by: 1) {
            let logged = try reader.loggedBlock(height)
            try checkCertificate(logged, epoch: ledger.tip.epoch, isLast: height == top, reader)
            let keys = try logged.statements.map { statement in
                guard let stored = try ledger.record(.key(statement.kid), source: state) else {
                    throw RecoveryError.damagedBlock(height: height, reason: "key \(statement.kid) is not enrolled")
                }
                return try KeyRecord(cbor: stored.body).key
            }
            for (statement, key) in zip(logged.statements, keys) where !statement.check(with: key).verify() {
                throw RecoveryError.damagedBlock(
                    height: height, reason: "the signature of statement \(statement.id) does not verify")
            }
            let block = try ledger.execute(logged.header, statements: logged.statements, source: state)
            try ledger.commit(block)
            statements += UInt64(logged.statements.count)
            if ledger.unflushedRecords >= FlushState.maximumRecordsCatchingUp || needsState(height) {
                try flush(&ledger, to: state)
            }
            visit(ledger, state, block)
            progress("replay", height, top)
        }
        return (ledger, statements)
    }

    private func flush(_ ledger: inout Ledger, to state: StateDatabase) throws {
        try state.write(ledger.beginFlush())
        ledger.confirmFlush()
    }

    /// A block without a certificate is final by that of a later one, whose header names it as an ancestor.
    private func checkCertificate(
        _ logged: LoggedBlock, epoch: EpochRecord, isLast: Bool, _ reader: LogReader
    ) throws {
        if logged.certificate.isEmpty, !isLast, logged.header.nextEpochRecord == nil { return }
        do {
            try FinalityCertificate(cbor: logged.certificate).verify(logged.header, epoch: epoch)
        } catch {
            let height = logged.header.height
            throw RecoveryError.damagedBlock(
                height: height, reason: "its certificate in \(reader.certificateFile(height)): \(error)")
        }
    }

    /// Every attachment must have the hash that is its name. One that was taken down is simply not there.
    private func checkAttachments(_ progress: Progress) throws -> Phrase {
        guard LogFolder.exists(home.attachments) else { return Phrase("none", "无") }
        let store = AttachmentFolder(path: home.attachments)
        let hashes = try store.hashes()
        for (number, hash) in hashes.enumerated() {
            _ = try store.get(hash)
            progress("attachments", UInt64(number + 1), UInt64(hashes.count))
        }
        return Phrase(
            "\(hashes.count) files have the hashes that are their names", "\(hashes.count) 个文件的哈希与其文件名一致")
    }
}

extension HomeVerification.Report {
    fileprivate mutating func add(_ name: String, _ check: () throws -> Phrase) {
        do {
            checks.append(Check(name: name, ok: true, detail: try check()))
        } catch {
            checks.append(Check(name: name, ok: false, detail: Phrase(of: error)))
        }
    }
}

/// A state database in a temporary folder, for a replay that must not touch those of the home.
final class ScratchState {
    let database: StateDatabase
    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "provnode-verify-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        database = try StateDatabase(path: folder + "/state.sqlite")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }
}
