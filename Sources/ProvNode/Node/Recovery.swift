import Logging
import ProvChain

/// Brings ledger, state database and index up to the log, after a clean stop or a crash at any instruction.
///
/// The log is the truth. The state database stands at some height at or below the log's, the index at or
/// above the state's; blocks above the state are executed again.
struct Recovery {
    let genesis: GenesisFile
    let stores: NodeStores
    let logger: Logger

    func run() throws -> Ledger {
        var ledger = try resume()
        guard let top = stores.log.height, top > ledger.tip.header.height else { return ledger }
        let first = ledger.tip.header.height + 1
        logger.info("executing blocks again", metadata: ["from": "\(first)", "to": "\(top)"])
        for height in first...top {
            let logged = try stores.log.reader.loggedBlock(height)
            let block: ExecutedBlock
            do {
                block = try ledger.execute(logged.header, statements: logged.statements, source: stores.state)
                try ledger.commit(block)
            } catch {
                throw RecoveryError.damagedBlock(height: height, reason: "\(error)")
            }
            try index([block])
            if ledger.unflushedRecords >= FlushState.maximumRecordsCatchingUp { try flush(&ledger) }
        }
        try flush(&ledger)
        return ledger
    }

    private func resume() throws -> Ledger {
        let (start, block) = try Ledger.start(genesis)
        // A block reaches the index after it is durable in the log. If the log has it no more, the log lost what was
        // acknowledged, and going on would sign another block of the same height.
        if let indexed = stores.index.height, indexed > stores.log.height ?? 0 {
            throw RecoveryError.logLostBlocks(height: stores.log.height ?? 0, indexed: indexed)
        }
        if stores.log.height == nil {
            try stores.log.append([LogBlock(genesis: block)])
        }
        guard try stores.log.reader.entry(block.header.leafIndex) == block.headerLeaf else {
            throw RecoveryError.foreignLog(path: "log")
        }
        if let checkpoint = try stores.state.checkpoint() {
            let height = checkpoint.tip.header.height
            if let indexed = stores.index.height, indexed >= height {
                return try resume(from: checkpoint)
            }
            logger.notice("the index is behind the state; rebuilding both from the log")
        }
        try stores.state.erase()
        try stores.index.erase()
        try index([block])
        return start
    }

    private func resume(from checkpoint: StateCheckpoint) throws -> Ledger {
        let header = checkpoint.tip.header
        guard let top = stores.log.height, header.height <= top,
            try stores.log.reader.entry(header.leafIndex) == header.leaf
        else { throw RecoveryError.stateNotOfThisLog(height: header.height) }
        var ledger = try Ledger(
            genesis, resuming: checkpoint, estimate: stores.state.recordCount(), source: stores.state)
        // The statements that could still be replayed are those of the last maximum lifetime.
        let lifetime = checkpoint.tip.epoch.parameters.maximumLifetimeSeconds * 1_000
        var height = header.height
        while true {
            let logged = try stores.log.reader.loggedBlock(height)
            guard logged.header.time + lifetime >= header.time else { break }
            for statement in logged.statements { ledger.remember(statement) }
            guard height > 0 else { break }
            height -= 1
        }
        return ledger
    }

    private func index(_ blocks: [ExecutedBlock]) throws {
        try stores.index.apply(blocks) { hash in try? stores.attachments.getPublic(hash) }
    }

    private func flush(_ ledger: inout Ledger) throws {
        try stores.state.write(ledger.beginFlush())
        ledger.confirmFlush()
    }
}

extension LogBlock {
    /// Block 0, which follows from the genesis file and needs no certificate.
    init(genesis block: ExecutedBlock) { self.init(block, certificate: []) }

    init(_ block: ExecutedBlock, certificate: [UInt8]) {
        self.init(
            height: block.header.height, time: block.header.time, leaves: block.leaves, leafHashes: block.leafHashes,
            certificate: certificate)
    }
}
