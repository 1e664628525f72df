import Testing

@testable import ProvChain

/// Statements, records and history replaced; then the same under a quorum that lies, so that every check is
/// seen to hold by itself.
@Suite struct BundleContentTests {
    let story: BundleStory
    let good: BundleParts

    init() throws {
        story = try BundleStory.sole.get()
        good = try story.work()
    }

    private func expect(
        _ name: BundleReport.Name, _ words: String = "", location: SourceLocation = #_sourceLocation,
        after change: (inout BundleParts) throws -> Void
    ) throws {
        var parts = good
        try change(&parts)
        let report = try parts.received().check(against: story.chain.file)
        let detail = report.failure?.detail ?? ""
        #expect(!report.verified, sourceLocation: location)
        #expect(report.failure?.name == name, "\(detail)", sourceLocation: location)
        #expect(words.isEmpty || detail.contains(words), "\(detail)", sourceLocation: location)
    }

    /// The statement about the bowl: signed, applied, in the log, and none of this work's.
    private func foreign() throws -> Bundle.IncludedStatement {
        let link = try #require(story.chain.history(.work(story.bowl)).first)
        return try story.chain.included(try #require(story.chain.place(of: link.statement)))
    }

    private func sorted(_ statements: [Bundle.IncludedStatement]) -> [Bundle.IncludedStatement] {
        statements.sorted { $0.leafIndex < $1.leafIndex }
    }

    private func resigned(
        _ item: Bundle.IncludedStatement, by key: SecretKey
    ) throws -> Bundle.IncludedStatement {
        let statement = try Statement(encoded: item.encoded)
        let draft = StatementDraft(claims: statement.claims, payload: statement.payload)
        return .init(encoded: try draft.signed(by: key).encoded, leafIndex: item.leafIndex, path: item.path)
    }

    // MARK: The log

    @Test func anotherLeaf() throws {
        let foreign = try foreign()
        try expect(.inclusion, "is not in the log") {
            let old = $0.statements[0]
            $0.statements[0] = .init(encoded: foreign.encoded, leafIndex: old.leafIndex, path: old.path)
        }
        try expect(.inclusion) {
            let old = $0.statements[0]
            $0.statements[0] = .init(encoded: old.encoded, leafIndex: old.leafIndex - 1, path: old.path)
        }
        try expect(.inclusion) {
            let old = $0.statements[0]
            $0.statements[0] = .init(encoded: old.encoded, leafIndex: old.leafIndex, path: old.path + [.zero])
        }
        try expect(.inclusion) {
            let old = $0.statements[0]
            $0.statements[0] = .init(encoded: old.encoded, leafIndex: .max, path: [])
        }
        try expect(.inclusion) { $0.statements[0] = try resigned($0.statements[0], by: story.bob.key) }
        try expect(.inclusion, "not in the order") { $0.statements.reverse() }
        try expect(.inclusion, "not in the order") { $0.statements.insert($0.statements[0], at: 0) }
    }

    @Test func aHeaderIsNoStatement() throws {
        let index = story.chain.headers[3].leafIndex
        try expect(.signatures, "leaf \(index)") {
            $0.statements = sorted($0.statements + [try story.chain.included(index)])
        }
    }

    @Test func anotherSetOfStatements() throws {
        let foreign = try foreign()
        try expect(.signatures) { $0.statements = sorted($0.statements + [foreign]) }
        var chain = story.chain
        let bobsKey = try chain.record(.key(story.bob.key.publicKey.kid))
        try expect(.signatures, "not part of the history") {
            $0.statements = sorted($0.statements + [foreign])
            if !$0.records.contains(where: { $0.urn == bobsKey.urn }) { $0.records.append(bobsKey) }
        }
        try expect(.history, "are not those") { $0.statements.remove(at: 1) }
        try expect(.signatures, "nothing to do") { $0.statements = [] }
    }

    // MARK: The state

    @Test func otherRecords() throws {
        let bowl = try story.parts(.work(story.bowl)).records
        let absent = try story.parts(.work(.zero)).records[0]
        for index in good.records.indices {
            try expect(.state) {
                let old = $0.records[index]
                let changed = StoredRecord(body: [0xa0], history: old.record?.history ?? .empty)
                $0.records[index] = .init(urn: old.urn, record: changed, proof: old.proof)
            }
            try expect(.state) {
                let old = $0.records[index]
                let body = old.record?.body ?? []
                $0.records[index] = .init(
                    urn: old.urn, record: .init(body: body, history: .init(count: 1, head: .zero)), proof: old.proof)
            }
            try expect(.state) {
                let old = $0.records[index]
                $0.records[index] = .init(urn: old.urn, record: old.record, proof: bowl[0].proof)
            }
            // Absence of what is there: with its own proof, with another's, with its own leaf for a witness.
            for proof in [good.records[index].proof, absent.proof] {
                try expect(.state) { $0.records[index] = .init(urn: $0.records[index].urn, record: nil, proof: proof) }
            }
            try expect(.state) {
                let old = $0.records[index]
                let leaf = StateLeaf(key: old.urn.stateKey, recordHash: SHA256.hash(old.record?.cbor ?? []))
                $0.records[index] = .init(
                    urn: old.urn, record: nil, proof: StateProof(siblings: old.proof.siblings, witness: leaf))
            }
            // Another record, truly proven, under this name.
            try expect(.state) {
                $0.records[index] = .init(urn: $0.records[index].urn, record: bowl[0].record, proof: bowl[0].proof)
            }
            try expect(.state, "twice") { $0.records.append($0.records[index]) }
        }
    }

    @Test func recordsLeftOut() throws {
        for item in good.records {
            let name: BundleReport.Name
            if case .key = item.urn { name = .signatures } else { name = .state }
            try expect(name) { $0.records.removeAll { $0.urn == item.urn } }
        }
        try expect(.state) { $0.records = [] }
    }

    @Test func recordsThatDoNotBelong() throws {
        var chain = story.chain
        for urn in [URN.work(story.bowl), .party(story.bob.id), .version(work: story.vase, sequence: 1), .work(.zero)] {
            let extra = try chain.record(urn)
            try expect(.signatures, "nothing to do with the subject") { $0.records.append(extra) }
        }
    }

    @Test func anotherSubject() throws {
        try expect(.state, "not among the records") { $0.subject = .work(story.bowl) }
        try expect(.signatures) { $0.subject = .title(work: story.vase, right: .copyright) }
        try expect(.state) { $0.subject = .version(work: story.vase, sequence: 1) }
    }

    // MARK: The history

    @Test func anotherHistory() throws {
        for index in good.history.indices {
            let old = good.history[index]
            func entry(
                height: UInt64? = nil, position: UInt64? = nil, time: UInt64? = nil, body: [UInt8]? = nil
            ) -> Bundle.HistoryEntry {
                .init(
                    statement: old.statement, height: height ?? old.height, position: position ?? old.position,
                    time: time ?? old.time, body: body ?? old.body)
            }
            try expect(.signatures, "not part of the history") { $0.history.remove(at: index) }
            try expect(.history, "events do not lead") { parts in
                parts.history.remove(at: index)
                parts.statements.removeAll { (try? Statement(encoded: $0.encoded))?.id == old.statement }
                let kids = Set(parts.statements.compactMap { (try? Statement(encoded: $0.encoded))?.kid })
                parts.records.removeAll { if case .key(let kid) = $0.urn { !kids.contains(kid) } else { false } }
            }
            try expect(.history) { $0.history[index] = entry(time: old.time - 1) }
            try expect(.history) { $0.history[index] = entry(position: old.position + 1) }
            try expect(.history) { $0.history[index] = entry(body: old.body + [0]) }
            try expect(.history) { $0.history.insert($0.history[index], at: index) }
            var later = good
            later.history[index] = entry(height: old.height + 100)
            #expect(try !later.received().check(against: story.chain.file).verified)
        }
        try expect(.history) { $0.history.swapAt(0, 1) }
        try expect(.history) { $0.history.append($0.history[0]) }
        try expect(.signatures) { $0.history = [] }
    }

    @Test func aHistoryOfWhatIsAbsent() throws {
        var parts = try story.parts(.work(.zero))
        parts.history = good.history
        #expect(try parts.received().check(against: story.chain.file).failure?.name == .history)
        parts.history = []
        parts.statements = [try foreign()]
        #expect(try parts.received().check(against: story.chain.file).failure?.name == .signatures)
    }

    // MARK: A quorum that lies

    private func expectLie(
        _ name: BundleReport.Name, _ words: String, location: SourceLocation = #_sourceLocation,
        change: (inout [(urn: URN, record: StoredRecord?)]) throws -> Void
    ) throws {
        var records = good.state
        try change(&records)
        let report = try story.chain.signed(good, with: records).received().check(against: story.chain.file)
        #expect(report.failure?.name == name, "\(report.failure?.detail ?? "")", sourceLocation: location)
        #expect(
            report.failure?.detail.contains(words) == true, "\(report.failure?.detail ?? "")", sourceLocation: location)
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
        #expect(report.verified, "\(report.failure?.detail ?? "")")
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
        #expect(report.failure?.detail.contains("for another chain") == true)
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
        #expect(otherRoot.failure?.detail.contains("does not follow") == true)
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
        #expect(report.failure?.detail.contains("does not verify") == true)
    }
}
