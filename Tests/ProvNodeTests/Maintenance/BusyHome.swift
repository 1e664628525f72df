import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

/// A node with a small history: parties, works with words, a shared component, an offer taken and one open.
struct BusyHome {
    let chain: TestNode
    let owner: (party: Digest, key: SecretKey)
    private(set) var works: [Digest] = []

    var home: NodeHome { chain.home }

    init(works count: Int = 12) async throws {
        chain = try await TestNode()
        owner = try await chain.enrol()
        let buyer = try await chain.enrol(.edDSA)
        for number in 0..<count { try await register(number) }
        let deadline = WallClock.now() / 1_000 + 3_600
        for (number, work) in works.prefix(2).enumerated() {
            let offer = try chain.draft(
                .offerTitle(
                    OfferTitle(
                        work: work, right: .copyright, recipient: buyer.party, share: 2_500, deadline: deadline)),
                by: owner.key, issuer: owner.party, subject: { .offer($0) })
            _ = try await chain.submit(offer)
            guard number == 0 else { continue }
            let accept = try chain.draft(
                .acceptTitle(AnswerOffer()), by: buyer.key, issuer: buyer.party,
                subject: { _ in .offer(offer.derivedIdentifier) })
            _ = try await chain.submit(accept)
        }
    }

    @discardableResult
    mutating func register(_ number: Int) async throws -> StatementView {
        let (statement, attachments, _) = try chain.registration(
            of: [UInt8(number / 256), UInt8(number % 256), 7], title: "Barrel \(number) 木桶", by: owner)
        works.append(statement.derivedIdentifier)
        return try await chain.submit(statement, attachments)
    }

    /// Registers a work whose manifest and metadata are restricted; returns these two.
    func registerRestricted(_ title: String) async throws -> [[UInt8]] {
        let (statement, attachments, _) = try chain.registration(of: Array(title.utf8), title: title, by: owner)
        let view = try await chain.node.submit(
            Submission(
                statement: statement.encoded, attachments: attachments,
                restricted: attachments.map { SHA256.hash($0) }), wait: true)
        #expect(view.status == .final)
        return attachments
    }

    /// What the state says, without where in the file it lies: that depends on when it was flushed.
    static func state(_ path: String) throws -> [String] {
        let queue = try DatabaseQueue(path: path)
        return try queue.read { db in
            var rows = try Row.fetchAll(db, sql: "SELECT key, record FROM records ORDER BY key").map(\.description)
            for table in ["checkpoint", "records"] {
                let tip = table == "checkpoint" ? "hex(tip)" : "''"
                rows += try Row.fetchAll(db, sql: "SELECT '\(table)', COUNT(*), \(tip) FROM \(table)").map(
                    \.description)
            }
            return rows
        }
    }

    /// Every row of every table, in order.
    static func dump(_ path: String) throws -> [String: [String]] {
        let queue = try DatabaseQueue(path: path)
        return try queue.read { db in
            let tables = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual')
                    AND name NOT LIKE 'sqlite%'
                    """)
            var contents: [String: [String]] = [:]
            for table in tables {
                let columns = table == "words" ? "rowid, *" : "*"
                contents[table] = try Row.fetchAll(db, sql: "SELECT \(columns) FROM \(table)").map(\.description)
                    .sorted()
            }
            return contents
        }
    }

    /// Changes a database behind the node's back.
    static func change(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    func verify(deep: Bool = true) throws -> HomeVerification.Report {
        try Self.verify(home, deep: deep)
    }

    static func verify(_ home: NodeHome, deep: Bool = true) throws -> HomeVerification.Report {
        HomeVerification(home: home, genesis: try home.loadGenesis(), isDeep: deep).run { _, _, _ in }
    }
}
