extension Bundle {
    /// Checks every part of the bundle against the genesis, which is all that has to be trusted.
    ///
    /// - Parameter file: hash and size of a file that should be one of those registered.
    /// - Returns: every check with its outcome; a part that depends on a failed one is still checked where
    ///   that says more.
    public func check(against genesis: GenesisFile, file: FileAtHand? = nil) -> BundleReport {
        BundleVerifier(self, genesis: genesis).report(file: file)
    }
}

/// Why a check failed.
private struct Failure: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// The checks of one bundle, with what they share: parsed statements and look-up tables.
private struct BundleVerifier {
    let bundle: Bundle
    let genesis: GenesisFile
    private let recordsByName: [URN: Bundle.ProvenRecord]
    private let heights: [Digest: UInt64]
    private let parsed: Result<[Statement], Failure>

    init(_ bundle: Bundle, genesis: GenesisFile) {
        self.bundle = bundle
        self.genesis = genesis
        recordsByName = Dictionary(bundle.records.map { ($0.urn, $0) }) { first, _ in first }
        heights = Dictionary(bundle.history.map { ($0.statement, $0.height) }) { first, _ in first }
        parsed = Result { () throws(Failure) in try Self.parse(bundle.statements) }
    }

    func report(file: FileAtHand?) -> BundleReport {
        var report = BundleReport()
        report.add(.chain, checkChain)
        report.add(.validators, checkValidators)
        report.add(.certificate, checkCertificate)
        report.add(.header, checkHeader)
        report.add(.receipts, checkReceipts)
        report.add(.inclusion, checkInclusion)
        report.add(.state, checkState)
        report.add(.signatures, checkSignatures)
        report.add(.history, checkHistory)
        report.add(.manifest, checkManifest)
        report.add(.metadata, checkMetadata)
        if let file { report.add(.file) { () throws(Failure) in try checkFile(file) } }
        report.add(.witness) { () throws(Failure) in
            "no outside witness or timestamp: retired keys of a past quorum could forge a parallel past"
        }
        return report
    }

    private func checkChain() throws(Failure) -> String {
        let expected = genesis.genesis.chain
        guard bundle.chain == expected, bundle.header.chain == expected else {
            throw Failure("the bundle is about chain \(bundle.chain), the genesis is of chain \(expected)")
        }
        return "\(genesis.genesis.origin), chain \(bundle.chain)"
    }

    /// The epoch's validators are those of the genesis. (A change of validators comes with its boundaries.)
    private func checkValidators() throws(Failure) -> String {
        let first = genesis.genesis.firstEpoch
        guard bundle.epoch.validators == first.validators, bundle.epoch.setVersion == first.setVersion else {
            throw Failure("the epoch record names other validators than the genesis")
        }
        guard bundle.epoch.hash == bundle.header.epochRecord, bundle.epoch.number == bundle.header.epoch else {
            throw Failure("the header belongs to another epoch record")
        }
        return "epoch \(bundle.epoch.number), \(bundle.epoch.validators.count) validators of the genesis"
    }

    private func checkCertificate() throws(Failure) -> String {
        do throws(FinalityCertificate.Fault) {
            try bundle.certificate.verify(bundle.header, epoch: bundle.epoch)
        } catch {
            throw Failure(error.description)
        }
        return
            "block \(bundle.header.height) finalized by \(bundle.certificate.signers.count) of \(bundle.epoch.validators.count)"
    }

    /// The root of the checkpoint, from the header's place as its last leaf; yields the header's own root too.
    private func checkpointRoot() throws(Failure) -> Digest {
        let proof = InclusionProof(
            leafIndex: bundle.header.leafIndex, treeSize: bundle.header.checkpointSize, path: bundle.headerPath)
        let before: Digest
        let root: Digest
        do throws(MerkleError) {
            before = try proof.rootBeforeLastLeaf()
            root = try proof.root(leafHash: MerkleHash.leaf(bundle.header.leaf))
        } catch {
            throw Failure("\(error)")
        }
        guard before == bundle.header.historyRoot else {
            throw Failure("the header's path does not lead to its own history root")
        }
        return root
    }

    private func checkHeader() throws(Failure) -> String {
        _ = try checkpointRoot()
        return "block \(bundle.header.height), \(bundle.header.checkpointSize) leaves"
    }

    private func checkReceipts() throws(Failure) -> String {
        let root = try checkpointRoot()
        let needed = (bundle.epoch.validators.count - 1) / 3 + 1
        guard zip(bundle.receipts, bundle.receipts.dropFirst()).allSatisfy({ $0.validator < $1.validator }) else {
            throw Failure("the receipts are not sorted by validator")
        }
        for receipt in bundle.receipts {
            guard receipt.validator < UInt64(bundle.epoch.validators.count) else {
                throw Failure("there is no validator number \(receipt.validator)")
            }
            let key = bundle.epoch.validators[Int(receipt.validator)].log
            guard receipt.header.verify(bundle.header, root: root, origin: genesis.genesis.origin, key: key) else {
                throw Failure("the receipt of validator \(receipt.validator) does not verify")
            }
        }
        guard bundle.receipts.count >= needed else {
            throw Failure("\(bundle.receipts.count) receipts; \(needed) are needed for one honest validator")
        }
        return "\(bundle.receipts.count) receipts over checkpoint \(root)"
    }

    private func checkInclusion() throws(Failure) -> String {
        let root = try checkpointRoot()
        guard zip(bundle.statements, bundle.statements.dropFirst()).allSatisfy({ $0.leafIndex < $1.leafIndex }) else {
            throw Failure("the statements are not in the order of the log")
        }
        for statement in bundle.statements {
            let proof = InclusionProof(
                leafIndex: statement.leafIndex, treeSize: bundle.header.checkpointSize, path: statement.path)
            do throws(MerkleError) {
                try proof.verify(leafHash: MerkleHash.leaf(statement.encoded), root: root)
            } catch {
                throw Failure("the statement at leaf \(statement.leafIndex) is not in the log: \(error)")
            }
        }
        return "\(bundle.statements.count) statements are in the log"
    }

    private func checkState() throws(Failure) -> String {
        if case .statement = bundle.subject {
            throw Failure("a statement has no record, so that its absence would say nothing: ask for its receipt")
        }
        guard Set(bundle.records.map(\.urn)).count == bundle.records.count else {
            throw Failure("a record is given twice")
        }
        for item in bundle.records {
            do throws(MerkleError) {
                try item.proof.verify(
                    key: item.urn.stateKey, recordHash: item.record.map { SHA256.hash($0.cbor) },
                    root: bundle.header.stateRoot)
            } catch {
                throw Failure("\(item.urn): \(error)")
            }
        }
        let present = try subjectRecord()
        for urn in Bundle.related(to: bundle.subject, record: present) where record(urn) == nil {
            throw Failure("\(urn), which belongs to the subject, is missing")
        }
        return present == nil
            ? "\(bundle.subject) has no record at height \(bundle.header.height)"
            : "\(bundle.records.count) records proven at height \(bundle.header.height)"
    }

    private func checkSignatures() throws(Failure) -> String {
        let parsed = try parsed.get()
        for statement in parsed {
            guard let stored = record(.key(statement.kid)), let key = try? KeyRecord(cbor: stored.body) else {
                throw Failure("statement \(statement.id): its key \(statement.kid) is not proven enrolled")
            }
            guard let height = heights[statement.id] else {
                throw Failure("statement \(statement.id) is not part of the history")
            }
            do throws(Refusal) {
                try Authority.check(key, for: statement, height: height)
            } catch {
                throw Failure("statement \(statement.id): \(error)")
            }
            guard height >= key.fromHeight, statement.claims.chain == bundle.chain else {
                throw Failure("statement \(statement.id): signed before its key was enrolled, or for another chain")
            }
            guard statement.check(with: key.key).verify() else {
                throw Failure("the signature of statement \(statement.id) does not verify")
            }
        }
        try checkNothingUnused(parsed)
        return "\(parsed.count) signatures by enrolled keys"
    }

    /// Every record is the subject, belongs to it, or is a key that signed.
    private func checkNothingUnused(_ parsed: [Statement]) throws(Failure) {
        var expected: Set<URN> = [bundle.subject]
        expected.formUnion(Bundle.related(to: bundle.subject, record: try subjectRecord()))
        expected.formUnion(parsed.map { URN.key($0.kid) })
        for item in bundle.records where !expected.contains(item.urn) {
            throw Failure("the record of \(item.urn) has nothing to do with the subject")
        }
    }

    private func checkHistory() throws(Failure) -> String {
        guard let stored = try subjectRecord() else {
            guard bundle.history.isEmpty else { throw Failure("a history of something that has no record") }
            return "no record, no history"
        }
        var head = History.empty
        for entry in bundle.history { head = head.appending(entry.link) }
        guard head == stored.history else {
            throw Failure(
                "\(bundle.history.count) events do not lead to the proven head of \(stored.history.count) events")
        }
        guard bundle.history.last?.body == stored.body else {
            throw Failure("the last event does not lead to the record")
        }
        let identifiers = Set(try parsed.get().map(\.id))
        guard identifiers == Set(bundle.history.map(\.statement)) else {
            throw Failure("the statements are not those of the history")
        }
        return "complete: \(bundle.history.count) events, nothing left out"
    }

    private func checkManifest() throws(Failure) -> String {
        guard let version = try latestVersion() else {
            guard bundle.manifest == nil else { throw Failure("a manifest without a version") }
            return "not a work: no manifest"
        }
        guard let bytes = bundle.manifest else {
            return "not in the bundle; its hash is proven"
        }
        guard AttachmentReference(to: bytes) == version.content.manifest else {
            throw Failure("the manifest is not the registered one")
        }
        guard let manifest = try? Manifest(cbor: bytes) else { throw Failure("the manifest is not well formed") }
        guard manifest.root == version.content.manifestRoot else {
            throw Failure("the registered root does not follow from the manifest")
        }
        return "\(manifest.files.count) files, root \(manifest.root)"
    }

    private func checkMetadata() throws(Failure) -> String {
        guard case .work = bundle.subject, let stored = try subjectRecord(),
            let work = try? WorkRecord(cbor: stored.body)
        else {
            guard bundle.metadata == nil else { throw Failure("metadata without a work") }
            return "not a work: no metadata"
        }
        guard let bytes = bundle.metadata else {
            return "not in the bundle; its hash is proven"
        }
        guard AttachmentReference(to: bytes) == work.metadata else {
            throw Failure("the metadata are not the registered ones")
        }
        guard let words = try? WorkMetadata(cbor: bytes) else { throw Failure("the metadata are not well formed") }
        return "title: \(words.title)"
    }

    private func checkFile(_ file: FileAtHand) throws(Failure) -> String {
        guard let bytes = bundle.manifest, let manifest = try? Manifest(cbor: bytes) else {
            throw Failure("the bundle has no manifest to compare the file with")
        }
        guard let match = manifest.files.first(where: { $0.sha256 == file.sha256 && $0.size == file.size }) else {
            throw Failure("the file (SHA-256 \(file.sha256), \(file.size) bytes) is not one of those registered")
        }
        return "registered as \(match.path), SHA-256 \(file.sha256)"
    }

    // MARK: Parts

    /// The proven record with this URN, or `nil` if there is none in the bundle.
    private func record(_ urn: URN) -> StoredRecord? { recordsByName[urn]?.record }

    private func subjectRecord() throws(Failure) -> StoredRecord? {
        guard let item = recordsByName[bundle.subject] else {
            throw Failure("the subject \(bundle.subject) is not among the records")
        }
        return item.record
    }

    private static func parse(_ statements: [Bundle.IncludedStatement]) throws(Failure) -> [Statement] {
        var parsed: [Statement] = []
        for statement in statements {
            do throws(Refusal) {
                parsed.append(try Statement(encoded: statement.encoded))
            } catch {
                throw Failure("the statement at leaf \(statement.leafIndex): \(error)")
            }
        }
        return parsed
    }

    private func latestVersion() throws(Failure) -> VersionRecord? {
        let stored: StoredRecord?
        switch bundle.subject {
        case .work(let work):
            guard let body = try subjectRecord()?.body, let record = try? WorkRecord(cbor: body) else { return nil }
            stored = self.record(.version(work: work, sequence: record.versions))
        case .version: stored = try subjectRecord()
        case .chain, .member, .party, .key, .title, .offer, .component, .statement: return nil
        }
        return stored.flatMap { try? VersionRecord(cbor: $0.body) }
    }
}

extension BundleReport {
    fileprivate mutating func add(_ name: Name, _ check: () throws(Failure) -> String) {
        do throws(Failure) {
            checks.append(Check(name: name, ok: true, detail: try check()))
        } catch {
            checks.append(Check(name: name, ok: false, detail: error.reason))
        }
    }
}
