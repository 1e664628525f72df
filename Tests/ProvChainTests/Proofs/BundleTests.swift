import Testing

@testable import ProvChain

/// A bundle as the node makes it verifies with nothing but the genesis.
@Suite struct BundleTests {
    let story: BundleStory
    let genesis: GenesisFile

    init() throws {
        story = try BundleStory.sole.get()
        genesis = story.chain.file
    }

    @Test func everyKindOfSubjectVerifies() throws {
        let subjects: [(URN, events: Int)] = [
            (.work(story.vase), 5), (.version(work: story.vase, sequence: 1), 1),
            (.version(work: story.vase, sequence: 2), 1), (.title(work: story.vase, right: .copyright), 3),
            (.offer(story.offer), 2), (.party(story.alice.id), 2), (.party(story.chain.founder.id), 1),
            (story.aliceFirstKey, 2), (.component(BundleStory.manifest("vase").root), 2),
            (.chain(genesis.genesis.chain), 1), (.member(genesis.genesis.memberIdentifier(0)), 1),
        ]
        for (subject, events) in subjects {
            let bundle = try story.parts(subject).received()
            let report = bundle.check(against: genesis)
            #expect(report.verified, "\(subject): \(report.failure?.detail.english ?? "")")
            #expect(bundle.history.count == events, "\(subject)")
            #expect(Set(report.checks.map(\.name)) == Set(BundleReport.Name.allCases).subtracting([.file]))
        }
    }

    @Test func manifestMetadataAndFileAreCheckedToo() throws {
        let report = try story.work().received().check(against: genesis, file: story.texture)
        #expect(report.verified, "\(report.failure?.detail.english ?? "")")
        #expect(report.checks.map(\.name) == BundleReport.Name.allCases)
        #expect(report.checks.contains { $0.name == .metadata && $0.detail.english == "title: A vase" })
        #expect(report.checks.contains { $0.name == .file && $0.detail.english.contains("texture.png") })
        let version = try story.parts(.version(work: story.vase, sequence: 2))
        var parts = version
        parts.manifest = story.manifest
        #expect(try parts.received().check(against: genesis, file: story.texture).verified)
    }

    @Test func somethingThatNeverWasIsProvenAbsent() throws {
        for urn in [
            URN.work(.zero), .party(SHA256.hash([1])), .component(SHA256.hash([2])), .offer(SHA256.hash([3])),
            .version(work: story.vase, sequence: 3), .key(SHA256.hash([4])),
        ] {
            let parts = try story.parts(urn)
            #expect(parts.records.map(\.record) == [nil])
            let report = try parts.received().check(against: genesis)
            #expect(report.verified, "\(urn): \(report.failure?.detail.english ?? "")")
        }
    }

    /// It has a place in the log but no record, so that "there is no record" would mislead.
    @Test func aStatementCannotBeProvenAbsent() throws {
        let id = try #require(story.chain.history(.work(story.vase)).first).statement
        let report = try story.parts(.statement(id)).received().check(against: genesis)
        #expect(report.failure?.name == .state)
    }

    @Test func fourValidatorsNeedThreeVotesAndTwoReceipts() throws {
        let story = try BundleStory.four.get()
        let parts = try story.work()
        #expect(parts.certificate.signers == [0, 1, 2] && parts.receipts.count == 2)
        #expect(try parts.received().check(against: story.chain.file).verified)
        var others = parts
        others.certificate = story.chain.certificate(of: parts.header, by: [0, 2, 3])
        #expect(try others.received().check(against: story.chain.file).verified)
        others.certificate = story.chain.certificate(of: parts.header, by: [0, 1, 2, 3])
        #expect(try others.received().check(against: story.chain.file).verified)
        others.certificate = story.chain.certificate(of: parts.header, by: [1, 3])
        #expect(try others.received().check(against: story.chain.file).failure?.name == .certificate)
    }

    /// Each epoch has a record of its own with the validators of the genesis; boundary blocks included.
    @Test func verifiesInEveryEpoch() throws {
        var parameters = Parameters()
        parameters.epochLengthMilliseconds = 2_000
        var chain = try BundleChain(parameters: parameters)
        let alice = try BundleStory.enrol("alice", .edDSA, &chain)
        var epochs: Set<UInt64> = []
        for _ in 0..<8 {
            try chain.append([])
            let bundle = try chain.bundle(.party(alice.id)).received()
            let report = bundle.check(against: chain.file)
            #expect(report.verified, "block \(bundle.header.height): \(report.failure?.detail.english ?? "")")
            epochs.insert(bundle.epoch.number)
        }
        #expect(epochs == [0, 1, 2, 3, 4])
    }

    @Test func bytesAndBundleFollowFromEachOther() throws {
        let bundle = try story.work().bundle
        #expect(try Bundle(cbor: bundle.cbor) == bundle)
        #expect(throws: CBORError.self) { try Bundle(cbor: bundle.cbor + [0]) }
    }
}
