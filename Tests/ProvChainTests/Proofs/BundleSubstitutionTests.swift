import Testing

@testable import ProvChain

/// Each part of a bundle replaced by another well-formed one, encoded anew: the check whose business it is
/// fails first.
@Suite struct BundleSubstitutionTests {
    let story: BundleStory
    let good: BundleParts

    init() throws {
        story = try BundleStory.four.get()
        good = try story.work()
    }

    private func expect(
        _ name: BundleReport.Name, file: FileAtHand? = nil, saying words: String = "",
        location: SourceLocation = #_sourceLocation, after change: (inout BundleParts) throws -> Void
    ) throws {
        var parts = good
        try change(&parts)
        let report = try parts.received().check(against: story.chain.file, file: file)
        #expect(!report.verified, sourceLocation: location)
        #expect(report.failure?.name == name, "\(report.failure?.detail.english ?? "")", sourceLocation: location)
        let detail = report.failure?.detail.english ?? ""
        #expect(words.isEmpty || detail.contains(words), "\(detail)", sourceLocation: location)
    }

    // MARK: Chain and validators

    @Test func anotherChain() throws {
        try expect(.chain) { $0.chain = .zero }
        try expect(.chain) { $0.header = $0.header.with(chain: .zero) }
        let other = try BundleStory(origin: "other.example/log", validators: 4)
        #expect(try good.received().check(against: other.chain.file).failure?.name == .chain)
        // Everything of another chain, under the name of ours.
        try expect(.chain) {
            $0 = try other.work()
            $0.chain = story.chain.chain
        }
    }

    @Test func otherValidators() throws {
        let impostor = try BundleStory(origin: "other.example/log", validators: 1).chain.file.genesis.firstEpoch
        try expect(.validators) { $0.epoch = impostor }
        // With a header of theirs, and their votes.
        try expect(.validators) {
            $0.epoch = impostor
            $0.header = $0.header.with(epochRecord: impostor.hash)
            $0.certificate = story.chain.certificate(of: $0.header, by: [0])
        }
    }

    @Test func anotherEpochRecord() throws {
        let epoch = good.epoch
        func record(
            _ number: UInt64, set: UInt64 = 0, _ parameters: Parameters? = nil, boundary: Digest = .zero
        ) -> EpochRecord {
            EpochRecord(
                number: number, setVersion: set, protocolVersion: 1, parameters: parameters ?? epoch.parameters,
                validators: epoch.validators, previousBoundary: boundary)
        }
        var parameters = Parameters()
        parameters.maximumBlockBytes += 1
        try expect(.validators) { $0.epoch = record(1) }
        try expect(.validators) { $0.epoch = record(0, set: 1) }
        try expect(.validators) { $0.epoch = record(0, parameters) }
        try expect(.validators) { $0.epoch = record(0, boundary: SHA256.hash([])) }
        try expect(.validators) { $0.header = $0.header.with(epoch: 1) }
        // Even a quorum cannot call its validators another set.
        try expect(.validators) {
            $0.epoch = record(0, set: 1)
            $0.header = $0.header.with(epochRecord: $0.epoch.hash)
            $0.certificate = story.chain.certificate(of: $0.header, by: [0, 1, 2])
        }
    }

    /// Nobody is a quorum of nobody; and the check must not fall over it.
    @Test func anEpochOfNobodyIsNotRead() throws {
        var parts = good
        parts.epoch = EpochRecord(
            number: 0, setVersion: 0, protocolVersion: 1, parameters: Parameters(), validators: [],
            previousBoundary: .zero)
        parts.header = parts.header.with(epochRecord: parts.epoch.hash)
        #expect(throws: CBORError.self) { try parts.received() }
    }

    // MARK: Certificate and header

    @Test func anotherHeader() throws {
        try expect(.certificate) { $0.header = $0.header.with(stateRoot: .zero) }
        try expect(.certificate) { $0.header = $0.header.with(height: $0.header.height + 1) }
        try expect(.certificate) { $0.header = $0.header.with(historyRoot: .zero) }
        try expect(.certificate) { $0.header = story.chain.headers[5] }
    }

    /// An earlier block with its own certificate and path: final, but not what the rest was proven against.
    @Test func anEarlierBlock() throws {
        let earlier = story.chain.headers[5]
        let tiles = story.chain
        try expect(.header) {
            $0.header = earlier
            $0.certificate = tiles.certificate(of: earlier, by: [0, 1, 2])
        }
        let before = try BundleStory.prefix(height: 5, validators: 4)
        try expect(.receipts) {
            $0.header = before.header
            $0.certificate = before.certificate
            $0.headerPath = before.headerPath
        }
        try expect(.inclusion) {
            $0.header = before.header
            $0.certificate = before.certificate
            $0.headerPath = before.headerPath
            $0.receipts = before.receipts
        }
        try expect(.state) {
            $0.header = before.header
            $0.certificate = before.certificate
            $0.headerPath = before.headerPath
            $0.receipts = before.receipts
            $0.statements = before.statements
        }
    }

    @Test func anotherCertificate() throws {
        let chain = story.chain
        let header = good.header
        try expect(.certificate, saying: "validator 2 does not verify") {
            $0.certificate = FinalityCertificate(
                view: $0.certificate.view, signers: [0, 1, 2],
                signatures: Array($0.certificate.signatures[0..<2]) + [
                    chain.certificate(of: header, by: [3]).signatures[0]
                ])
        }
        try expect(.certificate, saying: "does not verify") {
            $0.certificate = chain.certificate(of: chain.headers[5], by: [0, 1, 2], view: $0.certificate.view)
        }
        try expect(.certificate, saying: "before the proposal") {
            $0.certificate = chain.certificate(of: header, by: [0, 1, 2], view: header.view - 1)
        }
        try expect(.certificate, saying: "does not verify") {
            $0.certificate = FinalityCertificate(
                view: $0.certificate.view + 1, signers: $0.certificate.signers, signatures: $0.certificate.signatures)
        }
        try expect(.certificate, saying: "2 votes; 3 are a quorum") {
            $0.certificate = chain.certificate(of: header, by: [0, 1])
        }
        try expect(.certificate, saying: "0 votes") { $0.certificate = chain.certificate(of: header, by: []) }
    }

    /// A notarize vote is no finalize vote.
    @Test func votesOfAnotherKind() throws {
        let header = good.header
        try expect(.certificate, saying: "does not verify") {
            let view = $0.certificate.view
            let signatures = (0..<3).map { signer in
                story.chain.voteKeys[signer].sign(
                    Vote(
                        chain: header.chain, epochRecord: header.epochRecord, epoch: 0, view: view, kind: .notarize,
                        signer: UInt64(signer), parentView: 0, block: header.id
                    ).message)
            }
            $0.certificate = FinalityCertificate(view: view, signers: [0, 1, 2], signatures: signatures)
        }
    }

    @Test func aBitmapThatLies() throws {
        for signers in [[0, 1, 3], [1, 2, 3], [0, 2, 3]] as [[UInt64]] {
            try expect(.certificate, saying: "does not verify") {
                $0.certificate = FinalityCertificate(
                    view: $0.certificate.view, signers: signers, signatures: $0.certificate.signatures)
            }
        }
        try expect(.certificate, saying: "no validator number 4") {
            $0.certificate = FinalityCertificate(
                view: $0.certificate.view, signers: [0, 1, 4], signatures: $0.certificate.signatures)
        }
    }

    @Test func aSignerDoesNotCountTwice() throws {
        var parts = good
        let vote = parts.certificate.signatures[0]
        parts.certificate = FinalityCertificate(
            view: parts.certificate.view, signers: [0, 0, 0], signatures: [vote, vote, vote])
        #expect(parts.bundle.check(against: story.chain.file).failure?.name == .certificate)
        #expect(throws: CBORError.self) { try parts.received() }
        #expect(throws: FinalityCertificate.Fault.signersNotAscending) {
            try story.chain.certificate(of: good.header, by: [2, 1, 0]).verify(good.header, epoch: good.epoch)
        }
    }

    @Test func anotherHeaderPath() throws {
        try expect(.header) { $0.headerPath[0] = .zero }
        try expect(.header) { $0.headerPath.removeLast() }
        try expect(.header) { $0.headerPath.append(.zero) }
        try expect(.header) { $0.headerPath.reverse() }
        try expect(.header) { $0.headerPath = [] }
    }

    // MARK: Receipts

    @Test func otherReceipts() throws {
        let root = try #require(story.root)
        let (header, keys) = (good.header, story.chain.logKeys)
        func sign(_ validator: UInt64, _ key: SecretKey, _ header: BlockHeader, _ root: Digest, _ origin: String)
            -> Bundle.SignedCheckpoint
        {
            .init(validator: validator, header: .sign(header, root: root, origin: origin, by: key))
        }
        let origin = BundleChain.origin
        try expect(.receipts, saying: "1 receipts; 2 are needed") { $0.receipts.removeLast() }
        try expect(.receipts, saying: "0 receipts") { $0.receipts = [] }
        try expect(.receipts, saying: "not sorted") { $0.receipts.reverse() }
        try expect(.receipts, saying: "not sorted") { $0.receipts[1] = $0.receipts[0] }
        try expect(.receipts) { $0.receipts[1] = sign(1, keys[2], header, root, origin) }
        try expect(.receipts) { $0.receipts[1] = sign(1, story.chain.voteKeys[1], header, root, origin) }
        try expect(.receipts) { $0.receipts[1] = sign(1, keys[1], story.chain.headers[5], root, origin) }
        try expect(.receipts) { $0.receipts[1] = sign(1, keys[1], header, .zero, origin) }
        try expect(.receipts) { $0.receipts[1] = sign(1, keys[1], header, root, "other.example/log") }
        try expect(.receipts) { $0.receipts[1] = .init(validator: 1, header: $0.receipts[0].header) }
        try expect(.receipts) { $0.receipts[1] = .init(validator: 2, header: $0.receipts[1].header) }
        try expect(.receipts, saying: "no validator number 4") {
            $0.receipts.append(.init(validator: 4, header: $0.receipts[1].header))
        }
        // One too many, and that one bad.
        try expect(.receipts) { $0.receipts.append(sign(3, keys[2], header, root, origin)) }
    }

    // MARK: Attachments

    @Test func otherAttachments() throws {
        try expect(.manifest) { $0.manifest = BundleStory.manifest("bowl").cbor }
        // The same root under other names is not what was registered either.
        let renamed = Manifest(
            files: try Manifest(cbor: story.manifest).files.map { file in
                .init(path: "renamed/" + file.path, mediaType: file.mediaType, size: file.size, sha256: file.sha256)
            })
        #expect(try renamed.root == Manifest(cbor: story.manifest).root)
        try expect(.manifest) { $0.manifest = renamed.cbor }
        try expect(.manifest) { $0.manifest = [] }
        try expect(.metadata) { $0.metadata = WorkMetadata(title: "A bowl").cbor }
        try expect(.metadata) { $0.metadata = $0.manifest }
    }

    @Test func anotherFile() throws {
        let texture = story.texture
        try expect(.file) { _ in
        } file: {
            .init(sha256: .zero, size: texture.size)
        }
        try expect(.file) { _ in
        } file: {
            .init(sha256: texture.sha256, size: texture.size + 1)
        }
        try expect(.file) {
            $0.manifest = nil
        } file: {
            texture
        }
    }

    private func expect(
        _ name: BundleReport.Name, after change: (inout BundleParts) throws -> Void, file: () -> FileAtHand
    ) throws {
        try expect(name, file: file(), after: change)
    }

    @Test func attachmentsWhereThereCanBeNone() throws {
        var parts = try story.parts(.party(story.alice.id))
        parts.manifest = story.manifest
        #expect(try parts.received().check(against: story.chain.file).failure?.name == .manifest)
        parts.manifest = nil
        parts.metadata = story.metadata
        #expect(try parts.received().check(against: story.chain.file).failure?.name == .metadata)
        parts = try story.parts(.work(.zero))
        parts.manifest = story.manifest
        #expect(try parts.received().check(against: story.chain.file).failure?.name == .manifest)
    }
}

extension BundleStory {
    /// The root of the checkpoint, over all leaves.
    var root: Digest? {
        ReferenceTree(leaves: chain.leaves.map { MerkleHash.leaf($0) }).root(0..<chain.leaves.count)
    }

    /// What a bundle about the vase was at an earlier height: the same story, told up to there.
    static func prefix(height: UInt64, validators: Int) throws -> BundleParts {
        try BundleStory(validators: validators, until: height).work()
    }
}
