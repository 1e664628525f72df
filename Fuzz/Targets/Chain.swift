import Glibc

@testable import ProvChain

extension FuzzTarget {
    static let genesis = FuzzTarget(
        "genesis", "genesis files, geneses, epoch records, parameters, state checkpoints", atMost: 4_096
    ) { bytes in
        if let file = Strictly.check(GenesisFile.self, bytes) {
            require(file.block.header.chain == file.genesis.chain, "block 0 is of another chain")
        }
        if let genesis = Strictly.check(Genesis.self, bytes) {
            require(!genesis.firstEpoch.validators.isEmpty, "a genesis without validators")
            _ = genesis.records
        }
        if let application = Strictly.check(MemberApplication.self, bytes) {
            require((try? Genesis(founders: [application], time: 0)) != nil, "an application that founds nothing")
            require(bytes.count <= MemberApplication.maximumBytes, "an application of \(bytes.count) bytes")
        }
        if let epoch = Strictly.check(EpochRecord.self, bytes) { _ = Quorum.size(of: epoch.validators.count) }
        Strictly.check(Validator.self, bytes)
        Strictly.check(Parameters.self, bytes)
        if let checkpoint = Strictly.check(StateCheckpoint.self, bytes) {
            _ = checkpoint.tip.isBoundary(at: checkpoint.tip.header.time)
        }
    }

    static let block = FuzzTarget(
        "block", "headers, certificates, votes, proofs of inclusion, consistency and state", atMost: 2_048
    ) { bytes in
        if let header = Strictly.check(BlockHeader.self, bytes) {
            require(header.leaf.count <= BlockHeader.maximumBytes, "a header of \(header.leaf.count) bytes")
            require((try? BlockHeader(leaf: header.leaf)) == header, "a header's leaf is of another header")
        }
        if let header = try? BlockHeader(leaf: bytes) {
            require(header.leaf == bytes, "a leaf encodes as other bytes")
            require(header.checkpointSize == header.leafIndex + 1, "a header is not the last leaf")
        }
        if let certificate = Strictly.check(FinalityCertificate.self, bytes) {
            require(certificate.signers.count == certificate.signatures.count, "signers without signatures")
            require(zip(certificate.signers, certificate.signers.dropFirst()).allSatisfy { $0 < $1 }, "signers twice")
        }
        checkHistoryProofs(bytes)
        if let proof = Strictly.check(StateProof.self, bytes) {
            _ = try? proof.root(key: digest(of: bytes), recordHash: digest(of: bytes, at: 1))
            _ = try? proof.root(key: proof.witness?.key ?? .zero, recordHash: nil)
        }
        checkVote(bytes)
    }

    private static func checkHistoryProofs(_ bytes: [UInt8]) {
        let leaf = digest(of: bytes)
        if let proof = Strictly.check(InclusionProof.self, bytes) {
            if let root = try? proof.root(leafHash: leaf) {
                require((try? proof.verify(leafHash: leaf, root: root)) != nil, "a proof refuses its own root")
            }
            // What the frontier says about the tree before the leaf, the proof says about the tree with it.
            if let before = try? proof.rootBeforeLastLeaf(), let root = try? proof.root(leafHash: leaf) {
                let tree = try? CompactTree(size: proof.leafIndex, frontier: proof.path.reversed())
                guard var tree else { return require(false, "a path that is no frontier") }
                require(tree.root == before, "two roots before the last leaf")
                tree.append(leaf)
                require(tree.root == root, "a proof of the last leaf leads elsewhere than appending it")
            }
        }
        if let proof = Strictly.check(ConsistencyProof.self, bytes) {
            let (old, new) = (digest(of: bytes), digest(of: bytes, at: 1))
            _ = try? proof.verify(oldRoot: old, newRoot: new)
        }
        if let tree = Strictly.check(CompactTree.self, bytes), tree.size < HistoryTree.maximumSize {
            var next = tree
            next.append(leaf)
            require(next.size == tree.size + 1 && next.frontier.count == next.size.nonzeroBitCount, "a wrong frontier")
            _ = next.root
        }
    }

    /// Votes are signed and never decoded: all there is to see is that two votes never sign the same bytes.
    private static func checkVote(_ bytes: [UInt8]) {
        guard bytes.count >= 100, let kind = VoteKind(rawValue: UInt64(bytes[0] % 4)) else { return }
        func number(_ at: Int) -> UInt64 { bytes[at..<(at + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        func vote(_ view: UInt64) -> Vote {
            Vote(
                chain: digest(of: bytes, at: 1), epochRecord: digest(of: bytes, at: 2), epoch: number(40), view: view,
                kind: kind, signer: number(60), parentView: kind == .notarize ? number(70) : 0,
                block: kind == .nullify ? .zero : digest(of: bytes, at: 3))
        }
        let view = number(50)
        require((try? CBORValue(cbor: vote(view).message)) != nil, "a vote that is not CBOR")
        require(vote(view).message != vote(view ^ 1).message, "votes of two views sign the same bytes")
    }

    static let bundle = FuzzTarget("bundle", "bundles, decoded and checked", atMost: 12_288) { bytes in
        guard let bundle = Strictly.check(Bundle.self, bytes), let genesis = trusted.genesis else { return }
        let report = bundle.check(against: genesis)
        require(report.checks.count == BundleReport.Name.allCases.count - 1, "a part was not checked")
        require(!report.verified || trusted.bundles.contains(proven(bundle)), "a forged bundle passes every check")
        let file = FileAtHand(sha256: digest(of: bytes), size: UInt64(bytes.count))
        require(!bundle.check(against: genesis, file: file).verified, "a bundle vouches for a file it cannot know")
    }

    /// The bundle without what it may leave out.
    private static func proven(_ bundle: Bundle) -> Bundle {
        Bundle(
            chain: bundle.chain, subject: bundle.subject, header: bundle.header, certificate: bundle.certificate,
            epoch: bundle.epoch, headerPath: bundle.headerPath, receipts: bundle.receipts,
            statements: bundle.statements, records: bundle.records, history: bundle.history, manifest: nil,
            metadata: nil)
    }

    /// The chain that the golden bundles are of, and what they prove: nothing else about it was ever signed.
    private static let trusted: (genesis: GenesisFile?, bundles: [Bundle]) = {
        let paths = getenv("PROV_FUZZ_TRUSTED").map { String(cString: $0).split(separator: ":").map(String.init) } ?? []
        guard let first = paths.first else { return (nil, []) }
        guard let genesis = try? GenesisFile(cbor: contents(of: first)) else {
            preconditionFailure("\(first) is no genesis file")
        }
        let bundles = paths.dropFirst().compactMap { try? Bundle(cbor: contents(of: $0)) }
        for bundle in bundles {
            precondition(bundle.check(against: genesis).verified, "a golden bundle does not verify")
        }
        return (genesis, bundles.map(proven))
    }()

    private static func contents(of path: String) -> [UInt8] {
        guard let file = fopen(path, "rb") else { preconditionFailure("\(path) cannot be read") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        return Array(bytes.prefix(count))
    }
}
