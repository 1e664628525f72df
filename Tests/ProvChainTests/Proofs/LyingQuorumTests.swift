import Testing

@testable import ProvChain

/// Blocks that validators signed although they break the rules: every check of a bundle holds by itself, also
/// where an honest quorum would have made it superfluous.
@Suite struct LyingQuorumTests {
    let story: BundleStory
    let good: BundleParts

    init() throws {
        story = try BundleStory.sole.get()
        good = try story.work()
    }

    private func expectLie(
        _ name: BundleReport.Name, _ words: String, location: SourceLocation = #_sourceLocation,
        change: (inout [(urn: URN, record: StoredRecord?)]) throws -> Void
    ) throws {
        var records = good.state
        try change(&records)
        let report = try story.chain.signed(good, with: records).received().check(against: story.chain.file)
        #expect(report.failure?.name == name, "\(report.failure?.detail.english ?? "")", sourceLocation: location)
        #expect(
            report.failure?.detail.english.contains(words) == true, "\(report.failure?.detail.english ?? "")",
            sourceLocation: location)
    }

    private func changeFirstKey(
        _ records: inout [(urn: URN, record: StoredRecord?)], _ change: (KeyRecord) -> KeyRecord
    ) throws {
        let index = try #require(records.firstIndex { $0.urn == story.aliceFirstKey })
        let stored = try #require(records[index].record)
        records[index].record = StoredRecord(
            body: change(try KeyRecord(cbor: stored.body)).cbor, history: stored.history)
    }

    /// Otherwise the refusals below would prove nothing.
    @Test func anHonestBlockInPlaceOfTheLastVerifies() throws {
        let report = try story.chain.signed(good, with: good.state).received().check(against: story.chain.file)
        #expect(report.verified, "\(report.failure?.detail.english ?? "")")
    }

    @Test func aKeyThatWasRetiredBefore() throws {
        let signed = try #require(good.history.first).height
        try expectLie(.signatures, "retired") { records in
            try changeFirstKey(&records) { key in
                KeyRecord(
                    holder: key.holder, purpose: key.purpose, key: key.key, fromHeight: key.fromHeight,
                    untilHeight: signed - 1)
            }
        }
    }

    @Test func aKeyThatWasEnrolledLater() throws {
        let signed = try #require(good.history.first).height
        try expectLie(.signatures, "before its key was enrolled") { records in
            try changeFirstKey(&records) { key in
                KeyRecord(holder: key.holder, purpose: key.purpose, key: key.key, fromHeight: signed + 1)
            }
        }
    }

    @Test func aKeyOfSomebodyElseOrForSomethingElse() throws {
        try expectLie(.signatures, "party") { records in
            try changeFirstKey(&records) { key in
                KeyRecord(holder: .party(.zero), purpose: key.purpose, key: key.key, fromHeight: key.fromHeight)
            }
        }
        try expectLie(.signatures, "") { records in
            try changeFirstKey(&records) { key in
                KeyRecord(holder: key.holder, purpose: .recover, key: key.key, fromHeight: key.fromHeight)
            }
        }
        let other = try BundleChain.key("nobody").publicKey
        try expectLie(.signatures, "does not verify") { records in
            try changeFirstKey(&records) { key in
                KeyRecord(holder: key.holder, purpose: key.purpose, key: other, fromHeight: key.fromHeight)
            }
        }
        try expectLie(.signatures, "not proven enrolled") { records in
            records.removeAll { $0.urn == story.aliceFirstKey }
        }
        try expectLie(.signatures, "not proven enrolled") { records in
            let index = try #require(records.firstIndex { $0.urn == story.aliceFirstKey })
            records[index].record = nil
        }
    }

    @Test func aRecordThatItsHistoryDoesNotLeadTo() throws {
        try expectLie(.history, "does not lead to the record") { records in
            let stored = try #require(records[0].record)
            var work = try WorkRecord(cbor: stored.body)
            work.contests = 0
            records[0].record = StoredRecord(body: work.cbor, history: stored.history)
        }
        try expectLie(.history, "events do not lead") { records in
            let stored = try #require(records[0].record)
            records[0].record = StoredRecord(
                body: stored.body, history: History(count: stored.history.count - 1, head: stored.history.head))
        }
    }

    @Test func aRelatedRecordThatIsAbsent() throws {
        try expectLie(.state, "is missing") { records in records[1].record = nil }
    }

    @Test func aHistoryRootThatIsNotItsOwn() throws {
        var parts = good
        parts.header = parts.header.with(historyRoot: .zero)
        parts.certificate = story.chain.certificate(of: parts.header, by: [0])
        #expect(try parts.received().check(against: story.chain.file).failure?.name == .header)
    }

    /// Signed by Alice, with an enrolled key, for another chain.
    @Test func aStatementOfAnotherChain() throws {
        let first = good.history[0]
        let honest = try Statement(encoded: good.statements[0].encoded)
        #expect(first.statement == honest.id)
        let claims = Statement.Claims(
            issuer: honest.claims.issuer, subject: honest.claims.subject, chain: .zero, expiry: honest.claims.expiry,
            issuedAt: honest.claims.issuedAt, nonce: honest.claims.nonce)
        let foreign = try StatementDraft(claims: claims, payload: honest.payload).signed(by: story.alice.key)
        var parts = good
        parts.history[0] = .init(
            statement: foreign.id, height: first.height, position: first.position, time: first.time, body: first.body)
        var records = parts.state
        let body = try #require(records[0].record).body
        records[0].record = StoredRecord(
            body: body, history: parts.history.reduce(History.empty) { $0.appending($1.link) })
        let place = good.statements[0].leafIndex
        parts = try story.chain.signed(parts, with: records, leaves: [place: foreign.encoded])
        let report = try parts.received().check(against: story.chain.file)
        #expect(report.checks.filter { !$0.ok }.map(\.name) == [.signatures])
        #expect(report.failure?.detail.english.contains("for another chain") == true)
    }

    // MARK: Registrations that contradict themselves

    /// The chain never sees attachments; who registers nonsense gets no bundle with them.
    @Test func attachmentsThatAreNotWhatTheyWereRegisteredAs() throws {
        func bundle(
            _ manifest: [UInt8], root: Digest, _ metadata: [UInt8], attached: Bool = true
        ) throws -> BundleReport {
            var chain = try BundleChain()
            let alice = try BundleStory.enrol("alice", .edDSA, &chain)
            let nonce = chain.nextNonce()
            let work = Statement.derivedIdentifier(chain: chain.chain, issuer: alice.id, nonce: nonce)
            let content = VersionContent(
                manifestRoot: root, manifest: AttachmentReference(to: manifest), mediaType: "model/gltf-binary",
                size: 1, distinctive: [])
            let payload = RegisterWork(
                category: .model3D, basis: .author, metadata: AttachmentReference(to: metadata), content: content)
            try chain.append([chain.sign(.registerWork(payload), .work(work), by: alice, nonce: nonce)])
            return try chain.bundle(
                .work(work), manifest: attached ? manifest : nil, metadata: attached ? metadata : nil
            ).received().check(against: chain.file)
        }
        let manifest = BundleStory.manifest("vase")
        #expect(try bundle(manifest.cbor, root: manifest.root, story.metadata).verified)
        let otherRoot = try bundle(manifest.cbor, root: .zero, story.metadata)
        #expect(otherRoot.checks.filter { !$0.ok }.map(\.name) == [.manifest])
        #expect(otherRoot.failure?.detail.english.contains("does not follow") == true)
        let nonsense = try bundle([1, 2, 3], root: .zero, [4, 5, 6])
        #expect(nonsense.checks.filter { !$0.ok }.map(\.name) == [.manifest, .metadata])
        // Left out, they prove nothing and spoil nothing.
        #expect(try bundle([1, 2, 3], root: .zero, [4, 5, 6], attached: false).verified)
    }

    // MARK: A log that lies

    /// The log holds a statement whose signature nobody checked.
    @Test func aStatementThatItsIssuerNeverSigned() throws {
        var chain = try BundleChain()
        let alice = try BundleStory.enrol("alice", .edDSA, &chain)
        let forger = try BundleChain.key("forger")
        let (honest, work) = try BundleStory.registration("vase", by: alice, metadata: story.metadata, &chain)
        // The forger's signature, in an envelope that names Alice's key.
        var envelope = try COSESign1(cbor: honest.encoded)
        envelope = COSESign1(
            protected: envelope.protected, payload: envelope.payload, signature: forger.sign(honest.toBeSigned))
        try chain.append([try Statement(encoded: envelope.cbor)])
        let report = try chain.bundle(.work(work)).received().check(against: chain.file)
        #expect(report.checks.filter { !$0.ok }.map(\.name) == [.signatures])
        #expect(report.failure?.detail.english.contains("does not verify") == true)
    }
}
