/// That the records are those of the block, and that the statements are all that ever changed the subject.
extension BundleVerifier {
    func checkState() throws(BundleFailure) -> Phrase {
        if case .statement = bundle.subject {
            throw BundleFailure(
                "a statement has no record, so that its absence would say nothing: ask for its receipt",
                "声明没有记录，其缺失不说明任何问题：请索取其回执")
        }
        guard Set(bundle.records.map(\.urn)).count == bundle.records.count else {
            throw BundleFailure(
                "a record is given twice",
                "某条记录出现两次")
        }
        for item in bundle.records {
            do throws(MerkleError) {
                try item.proof.verify(
                    key: item.urn.stateKey, recordHash: item.record.map { SHA256.hash($0.cbor) },
                    root: bundle.header.stateRoot)
            } catch {
                throw BundleFailure(same: "\(item.urn): \(error)")
            }
        }
        let present = try subjectRecord()
        for urn in Bundle.related(to: bundle.subject, record: present) where record(urn) == nil {
            throw BundleFailure(
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

    func checkSignatures() throws(BundleFailure) -> Phrase {
        let parsed = try parsed.get()
        for statement in parsed {
            guard let stored = record(.key(statement.kid)), let key = try? KeyRecord(cbor: stored.body) else {
                throw BundleFailure(
                    "statement \(statement.id): its key \(statement.kid) is not proven enrolled",
                    "声明 \(statement.id)：其密钥 \(statement.kid) 未被证明已登记")
            }
            guard let height = heights[statement.id] else {
                throw BundleFailure(
                    "statement \(statement.id) is not part of the history",
                    "声明 \(statement.id) 不属于该历史")
            }
            do throws(Refusal) {
                try Authority.check(key, for: statement, height: height)
            } catch {
                throw BundleFailure(
                    "statement \(statement.id): \(error)",
                    "声明 \(statement.id)：\(Catalogue.sentence(for: error, in: .chinese))")
            }
            guard height >= key.fromHeight, statement.claims.chain == bundle.chain else {
                throw BundleFailure(
                    "statement \(statement.id): signed before its key was enrolled, or for another chain",
                    "声明 \(statement.id)：签署于其密钥登记之前，或属于另一条链")
            }
            guard statement.check(with: key.key).verify() else {
                throw BundleFailure(
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
    private func checkNothingUnused(_ parsed: [Statement]) throws(BundleFailure) {
        var expected: Set<URN> = [bundle.subject]
        expected.formUnion(Bundle.related(to: bundle.subject, record: try subjectRecord()))
        expected.formUnion(parsed.map { URN.key($0.kid) })
        for item in bundle.records where !expected.contains(item.urn) {
            throw BundleFailure(
                "the record of \(item.urn) has nothing to do with the subject",
                "\(item.urn) 的记录与该主题无关")
        }
    }

    func checkHistory() throws(BundleFailure) -> Phrase {
        guard let stored = try subjectRecord() else {
            guard bundle.history.isEmpty else {
                throw BundleFailure(
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
            throw BundleFailure(
                "\(bundle.history.count) events do not lead to the proven head of \(stored.history.count) events",
                "\(bundle.history.count) 个事件不能得出已证明的、含 \(stored.history.count) 个事件的历史头")
        }
        guard bundle.history.last?.body == stored.body else {
            throw BundleFailure(
                "the last event does not lead to the record",
                "最后一个事件不能得出该记录")
        }
        let identifiers = Set(try parsed.get().map(\.id))
        guard identifiers == Set(bundle.history.map(\.statement)) else {
            throw BundleFailure(
                "the statements are not those of the history",
                "所附声明不是该历史中的声明")
        }
        return Phrase(
            "complete: \(bundle.history.count) events, nothing left out",
            "完整：\(bundle.history.count) 个事件，无一遗漏")
    }
}
