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
    let reason: Phrase

    init(_ english: String, _ chinese: String) { reason = Phrase(english, chinese) }

    /// The words of an error below, which are English.
    init(same reason: String) { self.reason = Phrase(same: reason) }
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
            Phrase(
                "no outside witness or timestamp: retired keys of a past quorum could forge a parallel past",
                "没有外部见证或时间戳：过去法定多数的已停用密钥可能伪造一段平行的历史")
        }
        return report
    }

    private func checkChain() throws(Failure) -> Phrase {
        let expected = genesis.genesis.chain
        guard bundle.chain == expected, bundle.header.chain == expected else {
            throw Failure(
                "the bundle is about chain \(bundle.chain), the genesis is of chain \(expected)",
                "证明包属于链 \(bundle.chain)，而创世文件属于链 \(expected)")
        }
        return Phrase(
            "\(genesis.genesis.origin), chain \(bundle.chain)",
            "\(genesis.genesis.origin)，链 \(bundle.chain)")
    }

    /// The epoch's validators are those of the genesis. (A change of validators comes with its boundaries.)
    private func checkValidators() throws(Failure) -> Phrase {
        let first = genesis.genesis.firstEpoch
        guard bundle.epoch.validators == first.validators, bundle.epoch.setVersion == first.setVersion else {
            throw Failure(
                "the epoch record names other validators than the genesis",
                "纪元记录中的验证者与创世文件不同")
        }
        guard bundle.epoch.hash == bundle.header.epochRecord, bundle.epoch.number == bundle.header.epoch else {
            throw Failure(
                "the header belongs to another epoch record",
                "区块头属于另一条纪元记录")
        }
        return Phrase(
            "epoch \(bundle.epoch.number), \(bundle.epoch.validators.count) validators of the genesis",
            "纪元 \(bundle.epoch.number)，创世文件中的 \(bundle.epoch.validators.count) 个验证者")
    }

    private func checkCertificate() throws(Failure) -> Phrase {
        do throws(FinalityCertificate.Fault) {
            try bundle.certificate.verify(bundle.header, epoch: bundle.epoch)
        } catch {
            throw Failure(same: error.description)
        }
        return Phrase(
            "block \(bundle.header.height) finalized by \(bundle.certificate.signers.count) of \(bundle.epoch.validators.count)",
            "区块 \(bundle.header.height) 由 \(bundle.epoch.validators.count) 个验证者中的 \(bundle.certificate.signers.count) 个最终确认"
        )
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
            throw Failure(same: "\(error)")
        }
        guard before == bundle.header.historyRoot else {
            throw Failure(
                "the header's path does not lead to its own history root",
                "区块头的路径不能得出其自身的历史根")
        }
        return root
    }

    private func checkHeader() throws(Failure) -> Phrase {
        _ = try checkpointRoot()
        return Phrase(
            "block \(bundle.header.height), \(bundle.header.checkpointSize) leaves",
            "区块 \(bundle.header.height)，\(bundle.header.checkpointSize) 个叶子")
    }

    private func checkReceipts() throws(Failure) -> Phrase {
        let root = try checkpointRoot()
        let needed = (bundle.epoch.validators.count - 1) / 3 + 1
        guard zip(bundle.receipts, bundle.receipts.dropFirst()).allSatisfy({ $0.validator < $1.validator }) else {
            throw Failure(
                "the receipts are not sorted by validator",
                "回执未按验证者排序")
        }
        for receipt in bundle.receipts {
            guard receipt.validator < UInt64(bundle.epoch.validators.count) else {
                throw Failure(
                    "there is no validator number \(receipt.validator)",
                    "没有编号为 \(receipt.validator) 的验证者")
            }
            let key = bundle.epoch.validators[Int(receipt.validator)].log
            guard receipt.header.verify(bundle.header, root: root, origin: genesis.genesis.origin, key: key) else {
                throw Failure(
                    "the receipt of validator \(receipt.validator) does not verify",
                    "验证者 \(receipt.validator) 的回执未通过验证")
            }
        }
        guard bundle.receipts.count >= needed else {
            throw Failure(
                "\(bundle.receipts.count) receipts; \(needed) are needed for one honest validator",
                "共有 \(bundle.receipts.count) 份回执；至少需要 \(needed) 份才能确保其中有一个诚实的验证者")
        }
        return Phrase(
            "\(bundle.receipts.count) receipts over checkpoint \(root)",
            "\(bundle.receipts.count) 份对检查点 \(root) 的回执")
    }

    private func checkInclusion() throws(Failure) -> Phrase {
        let root = try checkpointRoot()
        guard zip(bundle.statements, bundle.statements.dropFirst()).allSatisfy({ $0.leafIndex < $1.leafIndex }) else {
            throw Failure(
                "the statements are not in the order of the log",
                "声明未按日志顺序排列")
        }
        for statement in bundle.statements {
            let proof = InclusionProof(
                leafIndex: statement.leafIndex, treeSize: bundle.header.checkpointSize, path: statement.path)
            do throws(MerkleError) {
                try proof.verify(leafHash: MerkleHash.leaf(statement.encoded), root: root)
            } catch {
                throw Failure(
                    "the statement at leaf \(statement.leafIndex) is not in the log: \(error)",
                    "叶子 \(statement.leafIndex) 处的声明不在日志中：\(error)")
            }
        }
        return Phrase(
            "\(bundle.statements.count) statements are in the log",
            "\(bundle.statements.count) 条声明在日志中")
    }

    private func checkState() throws(Failure) -> Phrase {
        if case .statement = bundle.subject {
            throw Failure(
                "a statement has no record, so that its absence would say nothing: ask for its receipt",
                "声明没有记录，其缺失不说明任何问题：请索取其回执")
        }
        guard Set(bundle.records.map(\.urn)).count == bundle.records.count else {
            throw Failure(
                "a record is given twice",
                "某条记录出现两次")
        }
        for item in bundle.records {
            do throws(MerkleError) {
                try item.proof.verify(
                    key: item.urn.stateKey, recordHash: item.record.map { SHA256.hash($0.cbor) },
                    root: bundle.header.stateRoot)
            } catch {
                throw Failure(same: "\(item.urn): \(error)")
            }
        }
        let present = try subjectRecord()
        for urn in Bundle.related(to: bundle.subject, record: present) where record(urn) == nil {
            throw Failure(
                "\(urn), which belongs to the subject, is missing",
                "缺少属于该主题的 \(urn)")
        }
        return present == nil
            ? Phrase(
                "\(bundle.subject) has no record at height \(bundle.header.height)",
                "\(bundle.subject) 在高度 \(bundle.header.height) 没有记录")
            : Phrase(
                "\(bundle.records.count) records proven at height \(bundle.header.height)",
                "高度 \(bundle.header.height) 处的 \(bundle.records.count) 条记录已被证明")
    }

    private func checkSignatures() throws(Failure) -> Phrase {
        let parsed = try parsed.get()
        for statement in parsed {
            guard let stored = record(.key(statement.kid)), let key = try? KeyRecord(cbor: stored.body) else {
                throw Failure(
                    "statement \(statement.id): its key \(statement.kid) is not proven enrolled",
                    "声明 \(statement.id)：其密钥 \(statement.kid) 未被证明已登记")
            }
            guard let height = heights[statement.id] else {
                throw Failure(
                    "statement \(statement.id) is not part of the history",
                    "声明 \(statement.id) 不属于该历史")
            }
            do throws(Refusal) {
                try Authority.check(key, for: statement, height: height)
            } catch {
                throw Failure(
                    "statement \(statement.id): \(error)",
                    "声明 \(statement.id)：\(Catalogue.sentence(for: error, in: .chinese))")
            }
            guard height >= key.fromHeight, statement.claims.chain == bundle.chain else {
                throw Failure(
                    "statement \(statement.id): signed before its key was enrolled, or for another chain",
                    "声明 \(statement.id)：签署于其密钥登记之前，或属于另一条链")
            }
            guard statement.check(with: key.key).verify() else {
                throw Failure(
                    "the signature of statement \(statement.id) does not verify",
                    "声明 \(statement.id) 的签名未通过验证")
            }
        }
        try checkNothingUnused(parsed)
        return Phrase(
            "\(parsed.count) signatures by enrolled keys",
            "\(parsed.count) 个由已登记密钥作出的签名")
    }

    /// Every record is the subject, belongs to it, or is a key that signed.
    private func checkNothingUnused(_ parsed: [Statement]) throws(Failure) {
        var expected: Set<URN> = [bundle.subject]
        expected.formUnion(Bundle.related(to: bundle.subject, record: try subjectRecord()))
        expected.formUnion(parsed.map { URN.key($0.kid) })
        for item in bundle.records where !expected.contains(item.urn) {
            throw Failure(
                "the record of \(item.urn) has nothing to do with the subject",
                "\(item.urn) 的记录与该主题无关")
        }
    }

    private func checkHistory() throws(Failure) -> Phrase {
        guard let stored = try subjectRecord() else {
            guard bundle.history.isEmpty else {
                throw Failure(
                    "a history of something that has no record",
                    "没有记录却有历史")
            }
            return Phrase(
                "no record, no history",
                "没有记录，也没有历史")
        }
        var head = History.empty
        for entry in bundle.history { head = head.appending(entry.link) }
        guard head == stored.history else {
            throw Failure(
                "\(bundle.history.count) events do not lead to the proven head of \(stored.history.count) events",
                "\(bundle.history.count) 个事件不能得出已证明的、含 \(stored.history.count) 个事件的历史头")
        }
        guard bundle.history.last?.body == stored.body else {
            throw Failure(
                "the last event does not lead to the record",
                "最后一个事件不能得出该记录")
        }
        let identifiers = Set(try parsed.get().map(\.id))
        guard identifiers == Set(bundle.history.map(\.statement)) else {
            throw Failure(
                "the statements are not those of the history",
                "所附声明不是该历史中的声明")
        }
        return Phrase(
            "complete: \(bundle.history.count) events, nothing left out",
            "完整：\(bundle.history.count) 个事件，无一遗漏")
    }

    private func checkManifest() throws(Failure) -> Phrase {
        guard let version = try latestVersion() else {
            guard bundle.manifest == nil else {
                throw Failure(
                    "a manifest without a version",
                    "没有版本却有清单")
            }
            return Phrase(
                "not a work: no manifest",
                "不是作品：没有清单")
        }
        guard let bytes = bundle.manifest else {
            return Phrase(
                "not in the bundle; its hash is proven",
                "不在证明包中；其哈希已被证明")
        }
        guard AttachmentReference(to: bytes) == version.content.manifest else {
            throw Failure(
                "the manifest is not the registered one",
                "清单不是所登记的清单")
        }
        guard let manifest = try? Manifest(cbor: bytes) else {
            throw Failure(
                "the manifest is not well formed",
                "清单格式不正确")
        }
        guard manifest.root == version.content.manifestRoot else {
            throw Failure(
                "the registered root does not follow from the manifest",
                "由清单不能得出所登记的根")
        }
        return Phrase(
            "\(manifest.files.count) files, root \(manifest.root)",
            "\(manifest.files.count) 个文件，根 \(manifest.root)")
    }

    private func checkMetadata() throws(Failure) -> Phrase {
        guard case .work = bundle.subject, let stored = try subjectRecord(),
            let work = try? WorkRecord(cbor: stored.body)
        else {
            guard bundle.metadata == nil else {
                throw Failure(
                    "metadata without a work",
                    "没有作品却有元数据")
            }
            return Phrase(
                "not a work: no metadata",
                "不是作品：没有元数据")
        }
        guard let bytes = bundle.metadata else {
            return Phrase(
                "not in the bundle; its hash is proven",
                "不在证明包中；其哈希已被证明")
        }
        guard AttachmentReference(to: bytes) == work.metadata else {
            throw Failure(
                "the metadata are not the registered ones",
                "元数据不是所登记的元数据")
        }
        guard let words = try? WorkMetadata(cbor: bytes) else {
            throw Failure(
                "the metadata are not well formed",
                "元数据格式不正确")
        }
        return Phrase(
            "title: \(words.title)",
            "标题：\(words.title)")
    }

    private func checkFile(_ file: FileAtHand) throws(Failure) -> Phrase {
        guard let bytes = bundle.manifest, let manifest = try? Manifest(cbor: bytes) else {
            throw Failure(
                "the bundle has no manifest to compare the file with",
                "证明包中没有可与该文件比对的清单")
        }
        guard let match = manifest.files.first(where: { $0.sha256 == file.sha256 && $0.size == file.size }) else {
            throw Failure(
                "the file (SHA-256 \(file.sha256), \(file.size) bytes) is not one of those registered",
                "该文件（SHA-256 \(file.sha256)，\(file.size) 字节）不在已登记的文件之中")
        }
        return Phrase(
            "registered as \(match.path), SHA-256 \(file.sha256)",
            "登记为 \(match.path)，SHA-256 \(file.sha256)")
    }

    // MARK: Parts

    /// The proven record with this URN, or `nil` if there is none in the bundle.
    private func record(_ urn: URN) -> StoredRecord? { recordsByName[urn]?.record }

    private func subjectRecord() throws(Failure) -> StoredRecord? {
        guard let item = recordsByName[bundle.subject] else {
            throw Failure(
                "the subject \(bundle.subject) is not among the records",
                "记录中没有该主题 \(bundle.subject)")
        }
        return item.record
    }

    private static func parse(_ statements: [Bundle.IncludedStatement]) throws(Failure) -> [Statement] {
        var parsed: [Statement] = []
        for statement in statements {
            do throws(Refusal) {
                parsed.append(try Statement(encoded: statement.encoded))
            } catch {
                throw Failure(
                    "the statement at leaf \(statement.leafIndex): \(error)",
                    "叶子 \(statement.leafIndex) 处的声明：\(Catalogue.sentence(for: error, in: .chinese))")
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
    fileprivate mutating func add(_ name: Name, _ check: () throws(Failure) -> Phrase) {
        do throws(Failure) {
            checks.append(Check(name: name, ok: true, detail: try check()))
        } catch {
            checks.append(Check(name: name, ok: false, detail: error.reason))
        }
    }
}
