/// That a final block of this chain commits to the statements and, for its validators, to the state.
extension BundleVerifier {
    func checkChain() throws(BundleFailure) -> Phrase {
        let expected = genesis.genesis.chain
        guard bundle.chain == expected, bundle.header.chain == expected else {
            throw BundleFailure(
                "the bundle is about chain \(bundle.chain), the genesis is of chain \(expected)",
                "证明包属于链 \(bundle.chain)，而创世文件属于链 \(expected)")
        }
        return Phrase(
            "\(genesis.genesis.origin), chain \(bundle.chain)",
            "\(genesis.genesis.origin)，链 \(bundle.chain)")
    }

    /// The epoch's validators are those of the genesis. (A change of validators comes with its boundaries.)
    func checkValidators() throws(BundleFailure) -> Phrase {
        let first = genesis.genesis.firstEpoch
        guard bundle.epoch.validators == first.validators, bundle.epoch.setVersion == first.setVersion else {
            throw BundleFailure(
                "the epoch record names other validators than the genesis",
                "纪元记录中的验证者与创世文件不同")
        }
        guard bundle.epoch.hash == bundle.header.epochRecord, bundle.epoch.number == bundle.header.epoch else {
            throw BundleFailure(
                "the header belongs to another epoch record",
                "区块头属于另一条纪元记录")
        }
        return Phrase(
            "epoch \(bundle.epoch.number), \(bundle.epoch.validators.count) validators of the genesis",
            "纪元 \(bundle.epoch.number)，创世文件中的 \(bundle.epoch.validators.count) 个验证者")
    }

    func checkCertificate() throws(BundleFailure) -> Phrase {
        do throws(FinalityCertificate.Fault) {
            try bundle.certificate.verify(bundle.header, epoch: bundle.epoch)
        } catch {
            throw BundleFailure(same: error.description)
        }
        return Phrase(
            "block \(bundle.header.height) finalized by \(bundle.certificate.signers.count) of \(bundle.epoch.validators.count)",
            "区块 \(bundle.header.height) 由 \(bundle.epoch.validators.count) 个验证者中的 \(bundle.certificate.signers.count) 个最终确认"
        )
    }

    /// The root of the checkpoint, from the header's place as its last leaf; yields the header's own root too.
    private func checkpointRoot() throws(BundleFailure) -> Digest {
        let proof = InclusionProof(
            leafIndex: bundle.header.leafIndex, treeSize: bundle.header.checkpointSize, path: bundle.headerPath)
        let before: Digest
        let root: Digest
        do throws(MerkleError) {
            before = try proof.rootBeforeLastLeaf()
            root = try proof.root(leafHash: MerkleHash.leaf(bundle.header.leaf))
        } catch {
            throw BundleFailure(same: "\(error)")
        }
        guard before == bundle.header.historyRoot else {
            throw BundleFailure(
                "the header's path does not lead to its own history root",
                "区块头的路径不能得出其自身的历史根")
        }
        return root
    }

    func checkHeader() throws(BundleFailure) -> Phrase {
        _ = try checkpointRoot()
        return Phrase(
            "block \(bundle.header.height), \(bundle.header.checkpointSize) leaves",
            "区块 \(bundle.header.height)，\(bundle.header.checkpointSize) 个叶子")
    }

    func checkReceipts() throws(BundleFailure) -> Phrase {
        let root = try checkpointRoot()
        let needed = (bundle.epoch.validators.count - 1) / 3 + 1
        guard zip(bundle.receipts, bundle.receipts.dropFirst()).allSatisfy({ $0.validator < $1.validator }) else {
            throw BundleFailure(
                "the receipts are not sorted by validator",
                "回执未按验证者排序")
        }
        for receipt in bundle.receipts {
            guard receipt.validator < UInt64(bundle.epoch.validators.count) else {
                throw BundleFailure(
                    "there is no validator number \(receipt.validator)",
                    "没有编号为 \(receipt.validator) 的验证者")
            }
            let key = bundle.epoch.validators[Int(receipt.validator)].log
            guard receipt.header.verify(bundle.header, root: root, origin: genesis.genesis.origin, key: key) else {
                throw BundleFailure(
                    "the receipt of validator \(receipt.validator) does not verify",
                    "验证者 \(receipt.validator) 的回执未通过验证")
            }
        }
        guard bundle.receipts.count >= needed else {
            throw BundleFailure(
                "\(bundle.receipts.count) receipts; \(needed) are needed for one honest validator",
                "共有 \(bundle.receipts.count) 份回执；至少需要 \(needed) 份才能确保其中有一个诚实的验证者")
        }
        return Phrase(
            "\(bundle.receipts.count) receipts over checkpoint \(root)",
            "\(bundle.receipts.count) 份对检查点 \(root) 的回执")
    }

    func checkInclusion() throws(BundleFailure) -> Phrase {
        let root = try checkpointRoot()
        guard zip(bundle.statements, bundle.statements.dropFirst()).allSatisfy({ $0.leafIndex < $1.leafIndex }) else {
            throw BundleFailure(
                "the statements are not in the order of the log",
                "声明未按日志顺序排列")
        }
        for statement in bundle.statements {
            let proof = InclusionProof(
                leafIndex: statement.leafIndex, treeSize: bundle.header.checkpointSize, path: statement.path)
            do throws(MerkleError) {
                try proof.verify(leafHash: MerkleHash.leaf(statement.encoded), root: root)
            } catch {
                throw BundleFailure(
                    "the statement at leaf \(statement.leafIndex) is not in the log: \(error)",
                    "叶子 \(statement.leafIndex) 处的声明不在日志中：\(error)")
            }
        }
        return Phrase(
            "\(bundle.statements.count) statements are in the log",
            "\(bundle.statements.count) 条声明在日志中")
    }
}
