import ProvChain

extension Node: NodeAPI {
    func isReady() async -> Bool { isRunning && !log.isPoisoned && flushState.failures.first == nil }

    func chain() async throws -> ChainView {
        let tip = ledger.tip
        let names = Dictionary(
            genesis.genesis.members.map {
                (Genesis.memberIdentifier(origin: genesis.genesis.origin, name: $0.name), $0.name)
            }
        ) { first, _ in first }
        return ChainView(
            chain: ledger.chain.hex, origin: genesis.genesis.origin, height: tip.header.height,
            time: tip.header.time, size: tip.history.size, root: tip.history.root.hex, epoch: tip.epoch.number,
            protocolVersion: tip.epoch.protocolVersion,
            maximumLifetimeSeconds: tip.epoch.parameters.maximumLifetimeSeconds, pending: mempool.count,
            validators: tip.epoch.validators.enumerated().map { place, validator in
                var view = ChainView.Validator(
                    index: UInt64(place), member: URN.member(validator.member).description,
                    name: names[validator.member] ?? "", vote: validator.vote.did, log: validator.log.did)
                if UInt64(place) != keys?.index { view.connected = peers.standings[place].isConnected }
                return view
            },
            software: Software.version)
    }

    func statement(_ id: Digest) async throws -> StatementView? {
        if let waiting = mempool.statement(id) { return .pending(waiting) }
        return try await indexed { try $0.statement(id) }
    }

    func statementBytes(_ id: Digest) async throws -> [UInt8]? {
        if let waiting = mempool.statement(id) { return waiting.encoded }
        return try await ofFinal(id) { [reader] leaf in try reader.entry(leaf) }
    }

    nonisolated func receipt(_ id: Digest) async throws -> [UInt8]? {
        guard latest.isSigned else { return try await borrowedReceipt(id) }
        return try await ofFinal(id) { [latest, reader] leaf in
            guard let (header, size) = latest.receiptHeader() else { throw Problems.observer }
            return header.receipt(try HistoryTree.inclusionProof(index: leaf, size: size, reader: reader))
        }
    }

    /// Reads something of a final statement by its leaf index. One that is in the index never changes, so only
    /// those that are not there wait for the blocks on their way.
    nonisolated func ofFinal<T: Sendable>(
        _ id: Digest, _ read: @escaping @Sendable (_ leaf: UInt64) throws -> T
    ) async throws -> T? {
        let question: @Sendable () throws -> T? = { [index] in try index.leafIndex(of: id).map(read) }
        if let answer = try await readers.run(question) { return answer }
        guard index.height != latest.height else { return nil }
        try await fillIndex()
        return try await readers.run(question)
    }

    func record(_ urn: URN) async throws -> RecordView? {
        let header = ledger.tip.header
        guard let stored = try ledger.record(urn, source: state) else { return nil }
        return RecordView(
            urn: urn.description, kind: urn.kind.name, height: header.height, time: header.time,
            historyCount: stored.history.count, historyHead: stored.history.head.hex,
            cbor: Hex.encode(stored.cbor), record: try RecordFields.json(urn, body: stored.body, at: header.time),
            metadata: try await metadata(of: urn, stored).map { MetadataView($0) })
    }

    /// A work's words, where their bytes are still here.
    private func metadata(of urn: URN, _ stored: StoredRecord) async throws -> WorkMetadata? {
        guard case .work = urn else { return nil }
        let reference = try WorkRecord(cbor: stored.body).metadata
        return try await attachment(reference.hash).flatMap { try? WorkMetadata(cbor: $0) }
    }

    func storedRecord(_ urn: URN) async throws -> [UInt8]? { try ledger.record(urn, source: state)?.cbor }

    nonisolated func history(_ urn: URN, from: UInt64, limit: Int, asOf: UInt64?) async throws -> HistoryView? {
        try await indexed { try $0.history(urn, from: from, limit: limit, asOf: asOf)?.view(of: urn) }
    }

    func block(_ height: UInt64?) async throws -> BlockView? {
        let height = height ?? ledger.tip.header.height
        guard height <= ledger.tip.header.height else { return nil }
        let reader = reader
        return try await readers.run {
            let logged = try reader.loggedBlock(height)
            let first = logged.header.historySize - UInt64(logged.statements.count)
            let signers = logged.certificate.isEmpty ? [] : try FinalityCertificate(cbor: logged.certificate).signers
            return BlockView(
                logged.header, signers: signers,
                statements: logged.statements.enumerated().map { place, statement in
                    BlockView.Entry(
                        statement: statement.id.hex, type: statement.payload.type.rawValue,
                        issuer: URN.party(statement.claims.issuer).description, leafIndex: first + UInt64(place))
                })
        }
    }

    /// The bytes, if they are here and public.
    nonisolated func attachment(_ hash: Digest) async throws -> [UInt8]? {
        let store = attachments
        return try await readers.run { try store.getPublic(hash) }
    }

    func store(attachment: [UInt8], hash: Digest, dataClass: DataClass) async throws {
        guard SHA256.hash(attachment) == hash else {
            throw Problems.attachment("The bytes have hash \(SHA256.hash(attachment)), not \(hash).")
        }
        guard try await indexed({ try $0.references(hash) }) else { throw Problems.unreferenced }
        let store = attachments
        let isPublic = try await files.run {
            if dataClass == .restricted, try !store.restrict(hash) { throw Problems.alreadyPublic(hash) }
            try store.put(attachment)
            return try !store.isRestricted(hash)
        }
        guard isPublic else { return }
        lookAlikes?.arrived(hash)
        let index = index
        try await fillIndex()
        try await indexQueue.run { try index.indexMetadata(hash, attachment) }
    }

    nonisolated func tile(_ path: TilePath) async throws -> [UInt8]? {
        let reader = reader
        return try await readers.run { try reader.tileBytes(path) }
    }

    func metrics() async -> NodeMetrics {
        NodeMetrics(
            isReady: await isReady(), height: ledger.tip.header.height, time: ledger.tip.header.time,
            leaves: ledger.tip.history.size, pendingStatements: mempool.count, pendingBytes: mempool.bytes,
            logHeight: reader.height ?? 0, stateHeight: stateHeight, indexHeight: index.height,
            attachmentBytes: attachments.usedBytes, attachmentQuota: attachments.quota, statistics: statistics)
    }

    /// Reads the index behind every block that is final by now.
    nonisolated func indexed<T: Sendable>(
        _ query: @escaping @Sendable (IndexDatabase) throws -> T
    ) async throws -> T {
        if index.height != latest.height { try await fillIndex() }
        return try await readers.run { [index] in try query(index) }
    }
}
