import ProvChain

extension Node {
    /// The latest checkpoint as a C2SP signed note: one line by the log key under the origin's name, one
    /// cosignature under the validator's own.
    func checkpoint() async throws -> [UInt8] {
        guard let keys else { throw Problems.observer }
        let tip = ledger.tip
        let origin = try KeyName(genesis.genesis.origin)
        let text = Checkpoint(origin: origin, size: tip.history.size, root: tip.history.root).text
        let logKey = VerifierKey(name: origin, type: VerifierKey.ed25519, publicKey: keys.log.publicKey.bytes)
        let cosigner = try KeyName("\(genesis.genesis.origin)/validators/\(keys.index)")
        let cosignKey = VerifierKey(
            name: cosigner, type: VerifierKey.cosignature, publicKey: keys.cosign.publicKey.bytes)
        let time = tip.header.time / 1_000
        let cosignature = Cosignature(
            time: time, signature: keys.cosign.sign(Cosignature.message(time: time, text: text)))
        return try SignedNote(
            text: text,
            signatures: [
                NoteSignature(name: origin, keyID: logKey.keyID, signature: keys.log.sign(text)),
                NoteSignature(name: cosigner, keyID: cosignKey.keyID, signature: cosignature.lineBytes),
            ]
        ).bytes
    }

    /// Everything that proves a record and its complete history under the latest block.
    nonisolated func bundle(_ urn: URN) async throws -> [UInt8]? {
        // A statement has no record; its proof is its receipt.
        if case .statement = urn { return nil }
        let reader = reader
        let past = try await indexed { try ProvenPast(events: try $0.events(urn), reader) }
        switch try await present(urn, past) {
        case .absent: return nil
        case .behind:
            // A block came in between; its links are on their way into the index.
            return try await bundle(urn)
        case .some(let present):
            let receipts = try await receipts(under: present.tip)
            return try await readers.run { [self] in try assemble(urn, past, present, receipts).cbor }
        }
    }

    /// What the ledger says of a subject: all of it under one block.
    private struct ProvenPresent: Sendable {
        let tip: Tip
        let certificate: FinalityCertificate
        /// Events of the subject's history.
        let count: Int
        let records: [Bundle.ProvenRecord]
    }

    private enum Present: Sendable {
        case absent
        case behind
        case some(ProvenPresent)
    }

    /// The records with their proofs. Nothing suspends in it, so all are of one block.
    private func present(_ urn: URN, _ past: ProvenPast) throws -> Present {
        guard let certificate, ledger.tip.header.height > 0 else { return .absent }
        let subject = try ledger.record(urn, source: state)
        let count = Int(subject?.history.count ?? 0)
        guard past.events.count >= count else { return .behind }
        var urns = [urn] + Bundle.related(to: urn, record: subject)
        var known = Set(urns)
        for key in past.keys(ofEvents: count) where known.insert(key).inserted { urns.append(key) }
        let records = try urns.map { urn in
            Bundle.ProvenRecord(
                urn: urn, record: try ledger.record(urn, source: state), proof: try ledger.prove(urn, source: state))
        }
        return .some(
            ProvenPresent(
                tip: ledger.tip, certificate: certificate, count: count, records: records))
    }

    /// Adds the paths to the statements; on a thread for reading.
    private nonisolated func assemble(
        _ urn: URN, _ past: ProvenPast, _ present: ProvenPresent, _ receipts: [Bundle.SignedCheckpoint]
    ) throws -> Bundle {
        let header = present.tip.header
        let size = header.checkpointSize
        let history = past.events.prefix(present.count)
        let statements = try Set(history.map(\.leafIndex)).sorted().map { leaf in
            Bundle.IncludedStatement(
                encoded: past.statements[leaf]?.encoded ?? [], leafIndex: leaf,
                path: try HistoryTree.inclusionProof(index: leaf, size: size, reader: reader).path)
        }
        let (manifest, metadata) = try availableAttachments(of: urn, present.records)
        return Bundle(
            chain: header.chain, subject: urn, header: header, certificate: present.certificate,
            epoch: present.tip.headerEpoch,
            headerPath: try HistoryTree.inclusionProof(index: header.leafIndex, size: size, reader: reader).path,
            receipts: receipts, statements: statements,
            records: present.records,
            history: history.map { event in
                Bundle.HistoryEntry(
                    statement: event.link.statement, height: event.link.height, position: event.link.position,
                    time: event.link.time, body: event.body)
            },
            manifest: manifest, metadata: metadata)
    }

    /// The manifest of the latest version and the metadata, as far as their bytes are here.
    private nonisolated func availableAttachments(
        of urn: URN, _ records: [Bundle.ProvenRecord]
    ) throws -> (manifest: [UInt8]?, metadata: [UInt8]?) {
        let bodies = Dictionary(records.map { ($0.urn, $0.record?.body) }) { first, _ in first }
        switch urn {
        case .work(let identifier):
            guard let body = bodies[urn] ?? nil else { return (nil, nil) }
            let work = try WorkRecord(cbor: body)
            let latest = bodies[.version(work: identifier, sequence: work.versions)] ?? nil
            let version = try latest.map { try VersionRecord(cbor: $0) }
            return (
                try version.flatMap { try attachments.getPublic($0.content.manifest.hash) },
                try attachments.getPublic(work.metadata.hash)
            )
        case .version:
            guard let body = bodies[urn] ?? nil else { return (nil, nil) }
            return (try attachments.getPublic(try VersionRecord(cbor: body).content.manifest.hash), nil)
        case .chain, .member, .party, .key, .title, .offer, .component, .statement: return (nil, nil)
        }
    }
}

/// The events of a history with the statements behind them: final, so they can be read before it is known
/// under which block they will be proven.
private struct ProvenPast: Sendable {
    let events: [HistoryEvent]
    /// By leaf index.
    let statements: [UInt64: Statement]

    init(events: [HistoryEvent], _ reader: LogReader) throws {
        self.events = events
        let leaves = Set(events.map(\.leafIndex)).sorted()
        var statements: [UInt64: Statement] = [:]
        for (leaf, bytes) in zip(leaves, try reader.entries(at: leaves)) {
            statements[leaf] = try Statement(encoded: bytes)
        }
        self.statements = statements
    }

    /// The keys that signed the first `count` events, by leaf index.
    func keys(ofEvents count: Int) -> [URN] {
        Set(events.prefix(count).map(\.leafIndex)).sorted().compactMap { statements[$0].map { URN.key($0.kid) } }
    }
}
