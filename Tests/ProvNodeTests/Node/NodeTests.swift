import Foundation
import ProvChain
import Testing

@testable import ProvNode

@Suite struct NodeTests {
    @Test func aRegistrationBecomesFinalAndCanBeProvenOffline() async throws {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        let bytes = Array("a model".utf8)
        let (statement, attachments, _) = try chain.registration(of: bytes, title: "A barrel", by: owner)
        let view = try await chain.submit(statement, attachments)
        #expect(view.status == .final)
        #expect(view.contestedWith == [])
        let work = try #require(view.work.flatMap { URN($0) })

        let bundle = try Bundle(cbor: try #require(try await chain.node.bundle(work)))
        let file = FileAtHand(sha256: SHA256.hash(bytes), size: UInt64(bytes.count))
        let report = bundle.check(against: chain.founding.file, file: file)
        #expect(report.verified, "\(report.checks.filter { !$0.ok })")
        let other = FileAtHand(sha256: SHA256.hash([1]), size: 1)
        #expect(bundle.check(against: chain.founding.file, file: other).failure?.name == .file)

        let receipt = try COSESign1(cbor: try #require(try await chain.node.receipt(statement.id)))
        #expect(receipt.payload == nil)
        let lookup = try await chain.node.lookup(SHA256.hash(bytes), limit: 10, after: nil)
        #expect(lookup.claims.map(\.work) == [work.description])
        let found = try await chain.node.search("barrel", limit: 10, after: nil)
        #expect(found.works.map(\.work) == [work.description])
    }

    @Test func titleMovesOnlyWhenTheRecipientAccepts() async throws {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        let buyer = try await chain.enrol(.edDSA)
        let (statement, attachments, _) = try chain.registration(of: [1, 2, 3], title: "Key", by: owner)
        _ = try await chain.submit(statement, attachments)
        let work = statement.derivedIdentifier
        let deadline = WallClock.now() / 1_000 + 3_600
        let offer = try chain.draft(
            .offerTitle(
                OfferTitle(
                    work: work, right: .copyright, recipient: buyer.party, share: 10_000, deadline: deadline)),
            by: owner.key, issuer: owner.party, subject: { .offer($0) })
        let offered = try await chain.submit(offer)
        #expect(offered.offer == URN.offer(offer.derivedIdentifier).description)
        let title = URN.title(work: work, right: .copyright)
        func holders() async throws -> [TitleRecord.Holder] {
            let stored = try StoredRecord(cbor: try #require(try await chain.node.storedRecord(title)))
            return try TitleRecord(cbor: stored.body).holders
        }
        #expect(try await holders().map(\.party) == [owner.party])
        let accept = try chain.draft(
            .acceptTitle(AnswerOffer()), by: buyer.key, issuer: buyer.party,
            subject: { _ in .offer(offer.derivedIdentifier) })
        _ = try await chain.submit(accept)
        #expect(try await holders().map(\.party) == [buyer.party])

        let history = try #require(try await chain.node.history(.work(work), from: 1, limit: 100, asOf: nil))
        #expect(history.events.map(\.type) == ["work.register", "title.offer", "title.accept"])
        for urn in [URN.work(work), title, .offer(offer.derivedIdentifier), .party(buyer.party)] {
            let bundle = try Bundle(cbor: try #require(try await chain.node.bundle(urn)))
            let report = bundle.check(against: chain.founding.file)
            #expect(report.verified, "\(urn): \(report.checks.filter { !$0.ok })")
        }
    }

    @Test func submittingAgainIsHarmlessAndARefusalNamesItsRule() async throws {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        let (statement, attachments, _) = try chain.registration(of: [9], title: "Nine", by: owner)
        let first = try await chain.submit(statement, attachments)
        let again = try await chain.submit(statement, attachments)
        #expect(first.leafIndex == again.leafIndex && again.status == .final)

        let (copy, copied, _) = try chain.registration(of: [9], title: "Nine again", by: owner)
        let problem = await #expect(throws: ProblemView.self) { try await chain.submit(copy, copied) }
        #expect(problem?.rule == "work.same-content-already-yours" && problem?.status == 422)
    }

    @Test func aRestartFindsEverythingAndGoesOn() async throws {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        var views: [StatementView] = []
        for round in 0..<4 {
            for number in 0..<5 {
                let (statement, attachments, _) = try chain.registration(
                    of: [UInt8(round), UInt8(number)], title: "Work \(round) \(number)", by: owner)
                views.append(try await chain.submit(statement, attachments))
            }
            try await chain.restart()
            for view in views {
                let id = try #require(Digest(hex: view.statement))
                #expect(try await chain.node.statement(id)?.leafIndex == view.leafIndex)
            }
        }
        let (replay, attachments, _) = try chain.registration(of: [77], title: "Replayed", by: owner)
        let before = try await chain.submit(replay, attachments)
        try await chain.restart()
        #expect(try await chain.submit(replay, attachments).leafIndex == before.leafIndex)
    }

    @Test func aLogThatLostAcknowledgedBlocksIsNotBuiltOn() async throws {
        let chain = try await TestNode()
        let files = FileManager.default
        try await chain.reopen { home in
            try files.copyItem(atPath: home.path + "/log", toPath: home.path + "/log.old")
        }
        _ = try await chain.enrol()
        let error = await #expect(throws: RecoveryError.self) {
            try await chain.reopen { home in
                try files.removeItem(atPath: home.path + "/log")
                try files.moveItem(atPath: home.path + "/log.old", toPath: home.path + "/log")
                // Without its state, recovery would otherwise start over from the log alone.
                for name in try files.contentsOfDirectory(atPath: home.path) where name.hasPrefix("state.sqlite") {
                    try files.removeItem(atPath: home.path + "/" + name)
                }
            }
        }
        guard case .logLostBlocks(let height, let indexed) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(height < indexed)
    }
}
