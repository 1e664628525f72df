import Foundation
import ProvChain

/// The check behind `provnode verify`.
struct HomeVerification {
    let home: NodeHome
    let genesis: GenesisFile

    struct Report: Encodable {
        struct Check: Encodable {
            let name: String
            let ok: Bool
            let detail: String
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
            report.add("log files") { "there is no log yet: the node has not run" }
            return report
        }
        var reader: LogReader?
        report.add("log files") {
            let log = try LogReader.open(at: home.path)
            try log.verifyAll { done, total in progress("log files", done, total) }
            reader = log
            return "\(log.size) leaves, tiles agree with entries"
        }
        guard let reader else { return report }
        var ledger: Ledger?
        var scratch: ScratchState?
        report.add("replay") {
            let state = try ScratchState()
            scratch = state
            let (replayed, statements) = try replay(reader, state.database, progress)
            ledger = replayed
            return "\(replayed.tip.header.height + 1) blocks and \(statements) statements executed again: "
                + "signatures, rules, certificates and roots agree"
        }
        guard let ledger, let scratch else { return report }
        report.add("state database") { try compareState(ledger, scratch.database, progress) }
        report.add("index") { try compareIndex(ledger) }
        report.add("attachments") { try checkAttachments(progress) }
        report.add("access log") {
            let (count, head) = try AccessLog.verify(home.accessLog)
            return "\(count) reads of restricted attachments, each with the hash of the one before; the last is "
                + "number \(head.number) with hash \(head.hash.hex)"
        }
        return report
    }

    /// Executes the whole log from the genesis, and checks every signature and certificate.
    private func replay(
        _ reader: LogReader, _ state: StateDatabase, _ progress: Progress
    ) throws -> (Ledger, statements: UInt64) {
        var (ledger, first) = try Ledger.start(genesis)
        guard try reader.entry(first.header.leafIndex) == first.headerLeaf else {
            throw RecoveryError.foreignLog(path: home.path)
        }
        var statements: UInt64 = 1
        let top = reader.height ?? 0
        for height in stride(from: UInt64(1), through: top, by: 1) {
            let logged = try reader.loggedBlock(height)
            try checkCertificate(logged, epoch: ledger.tip.epoch, reader)
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
            if ledger.unflushedRecords >= FlushState.maximumRecords { try flush(&ledger, to: state) }
            progress("replay", height, top)
        }
        try flush(&ledger, to: state)
        return (ledger, statements)
    }

    private func flush(_ ledger: inout Ledger, to state: StateDatabase) throws {
        try state.write(ledger.beginFlush())
        ledger.confirmFlush()
    }

    private func checkCertificate(_ logged: LoggedBlock, epoch: EpochRecord, _ reader: LogReader) throws {
        do {
            try FinalityCertificate(cbor: logged.certificate).verify(logged.header, epoch: epoch)
        } catch {
            let height = logged.header.height
            throw RecoveryError.damagedBlock(
                height: height, reason: "its certificate in \(reader.certificateFile(height)): \(error)")
        }
    }

    /// Every leaf and record that the database holds must be the one that replay gives at its height.
    private func compareState(_ ledger: Ledger, _ replayed: StateDatabase, _ progress: Progress) throws -> String {
        let database = try StateDatabase(path: home.stateDatabase)
        guard let checkpoint = try database.checkpoint() else { return "empty: it will be rebuilt from the log" }
        let header = checkpoint.tip.header
        guard header.height == ledger.tip.header.height else {
            return
                "stands at block \(header.height) of \(ledger.tip.header.height): the rest is executed at the next start"
        }
        guard header == ledger.tip.header else { throw RecoveryError.stateNotOfThisLog(height: header.height) }
        var records = 0
        let parts = StatePrefix.parts(depth: Self.comparedDepth)
        for (number, part) in parts.enumerated() {
            let (found, expected) = (try database.leaves(under: part), try replayed.leaves(under: part))
            for (leaf, other) in zip(found, expected) where leaf != other { throw differs(min(leaf.key, other.key)) }
            guard found.count == expected.count else {
                throw differs((found.count > expected.count ? found : expected)[min(found.count, expected.count)].key)
            }
            // Reading a record compares it with its leaf.
            for leaf in found {
                guard try database.storedRecord(leaf.key) != nil else { throw differs(leaf.key) }
            }
            records += found.count
            progress("state database", UInt64(number + 1), UInt64(parts.count))
        }
        return "\(records) records at block \(header.height) agree with the log"
    }

    /// The state is compared in this many parts, as a power of two.
    private static let comparedDepth = 10

    private func differs(_ key: Digest) -> NodeCommandError {
        NodeCommandError(
            description: "the record with key \(key) differs from the log; remove state.sqlite and index.sqlite to "
                + "rebuild them", code: 1)
    }

    /// Every attachment must have the hash that is its name. One that was taken down is simply not there.
    private func checkAttachments(_ progress: Progress) throws -> String {
        let store = try AttachmentStore(path: home.attachments, quota: .max)
        let hashes = try store.hashes()
        for (number, hash) in hashes.enumerated() {
            _ = try store.get(hash)
            progress("attachments", UInt64(number + 1), UInt64(hashes.count))
        }
        return "\(hashes.count) files have the hashes that are their names"
    }

    private func compareIndex(_ ledger: Ledger) throws -> String {
        let index = try IndexDatabase(path: home.indexDatabase)
        guard let height = index.height else { return "empty: it will be rebuilt from the log" }
        guard height <= ledger.tip.header.height else {
            throw NodeCommandError(
                description: RecoveryError.logLostBlocks(height: ledger.tip.header.height, indexed: height).description,
                code: 1)
        }
        return "stands at block \(height) of \(ledger.tip.header.height)"
    }
}

extension HomeVerification.Report {
    fileprivate mutating func add(_ name: String, _ check: () throws -> String) {
        do {
            checks.append(Check(name: name, ok: true, detail: try check()))
        } catch {
            checks.append(Check(name: name, ok: false, detail: "\(error)"))
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
