import ProvChain

extension Node {
    /// This validator's signature over the latest checkpoint, which all receipts of the block share.
    func receiptHeader() -> ReceiptHeader {
        let tip = ledger.tip
        return ReceiptHeader.sign(tip.header, root: tip.history.root, origin: genesis.genesis.origin, by: keys.log)
    }

    /// The latest checkpoint as a C2SP signed note: one line by the log key under the origin's name, one
    /// cosignature under the validator's own.
    func checkpoint() async throws -> [UInt8] {
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
    func bundle(_ urn: URN) async throws -> [UInt8]? {
        // A statement has no record; its proof is its receipt.
        if case .statement = urn { return nil }
        let events = try await indexed { try $0.events(urn) }
        // From here to the next suspension nothing moves: all proofs are of one block.
        let tip = ledger.tip
        guard let certificate, tip.header.height > 0 else { return nil }
        let subject = try ledger.record(urn, source: state)
        let count = Int(subject?.history.count ?? 0)
        guard events.count >= count else {
            // A block came in between; its links are on their way into the index.
            return try await bundle(urn)
        }
        let history = Array(events.prefix(count))
        let leaves = Array(Set(history.map { $0.leafIndex })).sorted()
        let reader = reader
        let size = tip.header.checkpointSize
        let header = receiptHeader()
        let statements = try leaves.map { leaf in
            Bundle.IncludedStatement(
                encoded: try reader.entry(leaf), leafIndex: leaf,
                path: try HistoryTree.inclusionProof(index: leaf, size: size, reader: reader).path)
        }
        var urns = [urn] + Bundle.related(to: urn, record: subject)
        for statement in statements {
            let key = URN.key(try Statement(encoded: statement.encoded).kid)
            if !urns.contains(key) { urns.append(key) }
        }
        let records = try urns.map { urn in
            Bundle.ProvenRecord(
                urn: urn, record: try ledger.record(urn, source: state),
                proof: try ledger.prove(urn, source: state))
        }
        let (manifest, metadata) = try availableAttachments(of: urn, records)
        return Bundle(
            chain: ledger.chain, subject: urn, header: tip.header, certificate: certificate,
            epoch: tip.headerEpoch,
            headerPath: try HistoryTree.inclusionProof(index: tip.header.leafIndex, size: size, reader: reader).path,
            receipts: [.init(validator: keys.index, header: header)], statements: statements, records: records,
            history: history.map { event in
                Bundle.HistoryEntry(
                    statement: event.link.statement, height: event.link.height, position: event.link.position,
                    time: event.link.time, body: event.body)
            },
            manifest: manifest, metadata: metadata
        ).cbor
    }

    /// The manifest of the latest version and the metadata, as far as their bytes are here.
    private func availableAttachments(
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
                try version.flatMap { try attachments.get($0.content.manifest.hash) },
                try attachments.get(work.metadata.hash)
            )
        case .version:
            guard let body = bodies[urn] ?? nil else { return (nil, nil) }
            return (try attachments.get(try VersionRecord(cbor: body).content.manifest.hash), nil)
        case .chain, .member, .party, .key, .title, .offer, .component, .statement: return (nil, nil)
        }
    }
}
