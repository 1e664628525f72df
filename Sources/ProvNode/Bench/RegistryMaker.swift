import Dispatch
import ProvChain
import Synchronization

/// Makes a whole registry of made-up works: log, state and index, as a node would have written them over
/// days, in minutes.
///
/// Every statement is signed and every block has its certificate, so `provnode verify` accepts it. Log and state are
/// written as a node writes them, the index is filled in bulk. The attachments are not written: their words are in the index, as on a node that has
/// pruned the files. Equal counts make equal logs.
struct RegistryMaker {
    let bench: BenchHome
    let works: Int
    /// Meshes that each work claims, besides its file.
    var components = 0

    static let statementsPerBlock = 2_000
    /// The registry grew at 2,000 works a minute, so its last hour, which a start reads back, holds 120,000.
    private static let blockMilliseconds: UInt64 = 60_000
    private static let recordsPerFlush = 300_000
    private static let blocksPerFilling = 10

    struct Report {
        var seconds = 0.0
        var sortingSeconds = 0.0
        var statementBytes = 0
    }

    func run(_ progress: (_ part: String, _ done: UInt64, _ total: UInt64) -> Void) throws -> Report {
        var report = Report()
        let start = ContinuousClock.now
        let log = try LogStore.open(at: bench.home.path)
        let state = try StateDatabase(path: bench.home.stateDatabase)
        let index = IndexingThread(try IndexFilling(path: bench.home.indexDatabase))
        let keys = try bench.validatorKeys()
        var (ledger, first) = try Ledger.start(bench.file)
        try log.append([LogBlock(genesis: first)])
        try index.add([first], [:])
        let signer = SigningThread(bench, works: works, components: components, start: ledger.tip.header.time)
        var filling: [ExecutedBlock] = []
        var words: [Digest: [UInt8]] = [:]
        var done = 0
        while let batch = try signer.next() {
            let block = try append(batch.statements, at: batch.time, &ledger, log, state, keys)
            report.statementBytes += batch.statements.reduce(0) { $0 + $1.encoded.count }
            filling.append(block)
            words.merge(batch.words) { first, _ in first }
            done += batch.statements.count
            if filling.count == Self.blocksPerFilling {
                try index.add(filling, words)
                (filling, words) = ([], [:])
            }
            if ledger.unflushedRecords >= Self.recordsPerFlush { try flush(&ledger, state) }
            if log.unsettledBytes > 64 << 20 { try log.settle() }
            progress("making works", UInt64(done), UInt64(works))
        }
        try index.add(filling, words)
        try flush(&ledger, state)
        try state.close()
        try log.close()
        let sorting = ContinuousClock.now
        try index.finish { progress($0, 0, 1) }
        report.sortingSeconds = Stopwatch.seconds(since: sorting)
        report.seconds = Stopwatch.seconds(since: start)
        return report
    }

    private func append(
        _ statements: [Statement], at time: UInt64, _ ledger: inout Ledger, _ log: LogStore, _ state: StateDatabase,
        _ keys: ValidatorKeys
    ) throws -> ExecutedBlock {
        let assembly = try ledger.assemble(
            statements, now: time, view: ledger.tip.header.view + 1, proposer: keys.index, source: state)
        guard assembly.refused.isEmpty, assembly.postponed.isEmpty else {
            throw BenchError.failed("a made-up statement was refused: \(assembly.refused.first as Any)")
        }
        let header = assembly.block.header
        let vote = Vote(
            chain: header.chain, epochRecord: header.epochRecord, epoch: header.epoch, view: header.view,
            kind: .finalize, signer: keys.index, parentView: 0, block: header.id)
        let certificate = FinalityCertificate(
            view: header.view, signers: [keys.index], signatures: [keys.vote.sign(vote.message)])
        try log.append([LogBlock(assembly.block, certificate: certificate.cbor)])
        try ledger.commit(assembly.block)
        return assembly.block
    }

    private func flush(_ ledger: inout Ledger, _ state: StateDatabase) throws {
        try state.write(ledger.beginFlush())
        ledger.confirmFlush()
    }

    // MARK: Signing ahead

    struct Batch: Sendable {
        let time: UInt64
        let statements: [Statement]
        /// Metadata by their hash.
        let words: [Digest: [UInt8]]
    }

    /// Signs the blocks to come while one is executed, a few ahead. Its semaphores block: the thread is its own, and
    /// the command that waits has nothing else to serve.
    private final class SigningThread: Sendable {
        private let ready = DispatchSemaphore(value: 0)
        private let room = DispatchSemaphore(value: 2)
        private let batches = Mutex<[Result<Batch?, any Error>]>([])

        init(_ bench: BenchHome, works: Int, components: Int, start: UInt64) {
            DispatchQueue(label: "provnode.bench.signing").async { [self] in
                var first = 0
                var time = start
                while first < works {
                    room.wait()
                    time += RegistryMaker.blockMilliseconds
                    let numbers = first..<min(first + RegistryMaker.statementsPerBlock, works)
                    let moment = time
                    put(Result { try Self.batch(numbers, bench, moment, components) })
                    first = numbers.upperBound
                }
                put(.success(nil))
            }
        }

        private static func batch(
            _ numbers: Range<Int>, _ bench: BenchHome, _ time: UInt64, _ components: Int
        ) throws -> Batch {
            let statements = try bench.registrations(
                numbers, time: time / 1_000, lifetime: 30, components: components)
            let words = numbers.map { number in
                let bytes = BenchWork(number: number).metadata.cbor
                return (SHA256.hash(bytes), bytes)
            }
            return Batch(
                time: time, statements: statements, words: Dictionary(words) { first, _ in first })
        }

        private func put(_ batch: Result<Batch?, any Error>) {
            batches.withLock { $0.append(batch) }
            ready.signal()
        }

        /// The next block's statements; `nil` after the last.
        func next() throws -> Batch? {
            ready.wait()
            room.signal()
            return try batches.withLock { $0.removeFirst() }.get()
        }
    }

    /// Writes the index while blocks are made, one filling behind.
    private final class IndexingThread {
        private let filling: IndexFilling
        private let queue = DispatchQueue(label: "provnode.bench.indexing")
        private let failures = FailureList()
        private let room = DispatchSemaphore(value: 2)

        init(_ filling: IndexFilling) { self.filling = filling }

        func add(_ blocks: [ExecutedBlock], _ words: [Digest: [UInt8]]) throws {
            if let failure = failures.first { throw BenchError.failed(failure) }
            room.wait()
            nonisolated(unsafe) let filling = filling
            let (failures, room) = (failures, room)
            // The filling is used on this queue only, until `finish` has waited for it.
            queue.async {
                defer { room.signal() }
                do { try filling.add(blocks) { words[$0] } } catch { failures.record("\(error)") }
            }
        }

        func finish(_ progress: (String) -> Void) throws {
            queue.sync {}
            if let failure = failures.first { throw BenchError.failed(failure) }
            try filling.finish(progress)
        }
    }
}
