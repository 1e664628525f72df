import Foundation
import GRDB
import ProvChain

/// A final statement that registered a version, and the hash of its manifest.
struct Registration: Hashable, Sendable {
    let leaf: UInt64
    let manifest: Digest
}

/// A version as answers name it.
struct RegisteredVersion: Hashable, Sendable {
    let work: Digest
    let version: UInt32
    let party: Digest
    /// Block time, milliseconds.
    let time: UInt64
    let isContested: Bool
    let title: String?
    let manifest: Digest
}

extension IndexDatabase {
    /// Registrations whose leaf is `leaf` or later, in order.
    func registrations(from leaf: UInt64, limit: Int) throws(DatabaseFailure) -> [Registration] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT leaf, work, version FROM statements
                        WHERE leaf >= ? AND version IS NOT NULL ORDER BY leaf LIMIT ?
                        """),
                arguments: [leaf.clamped, limit]
            ).compactMap { try Self.registration(db, $0) }
        }
    }

    /// Registrations that name an attachment, as their manifest.
    func registrations(withAttachment hash: Digest) throws(DatabaseFailure) -> [Registration] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT s.leaf, s.work, s.version FROM attachments a JOIN statements s ON s.leaf = a.leaf
                        WHERE a.hash = ? AND s.version IS NOT NULL ORDER BY s.leaf LIMIT \(NodeLimits.pageSize)
                        """),
                arguments: [hash.blob]
            ).compactMap { try Self.registration(db, $0) }.filter { $0.manifest == hash }
        }
    }

    /// What was registered at a leaf.
    func version(at leaf: UInt64) throws(DatabaseFailure) -> RegisteredVersion? {
        try read { db in
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(
                        sql: """
                            SELECT s.leaf, s.work, s.version, s.issuer, s.time, s.contested IS NOT NULL AS contested, w.title
                            FROM statements s LEFT JOIN works w ON w.work = s.work
                            WHERE s.leaf = ? AND s.version IS NOT NULL
                            """),
                    arguments: [leaf.clamped]),
                let registration = try Self.registration(db, row)
            else { return nil }
            return RegisteredVersion(
                work: try row.digest("work"), version: UInt32(clamping: try row.number("version")),
                party: try row.digest("issuer"), time: try row.number("time"), isContested: row["contested"],
                title: row["title"], manifest: registration.manifest)
        }
    }

    private static func registration(_ db: Database, _ row: Row) throws -> Registration? {
        let urn = URN.version(work: try row.digest("work"), sequence: UInt32(clamping: try row.number("version")))
        let body = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT body FROM links WHERE urn = ? ORDER BY number LIMIT 1"),
            arguments: [urn.indexKey])
        guard let body else { return nil }
        return Registration(
            leaf: try row.number("leaf"), manifest: try VersionRecord(cbor: Array(body)).content.manifest.hash)
    }
}
