import Testing

@testable import ProvChain

/// Statements, records and history replaced.
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
        let detail = report.failure?.detail.english ?? ""
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

    /// The array around a body counts, so that a record that was read can be hashed.
    @Test func aRecordNestedTooDeeplyIsNotRead() throws {
        for (depth, isRead) in [(11, true), (16, false)] {
            var parts = good
            let body = [UInt8](repeating: 0x81, count: depth) + [0]
            let old = parts.records[0]
            let record = try StoredRecord(cbor: StoredRecord(body: [0], history: .empty).cbor)
            var bytes = record.cbor
            bytes.replaceSubrange(1..<2, with: body)
            #expect(((try? StoredRecord(cbor: bytes)) != nil) == isRead)
            guard let nested = try? StoredRecord(cbor: bytes) else { continue }
            parts.records[0] = .init(urn: old.urn, record: nested, proof: old.proof)
            #expect(try parts.received().check(against: story.chain.file).failure?.name == .state)
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
}
