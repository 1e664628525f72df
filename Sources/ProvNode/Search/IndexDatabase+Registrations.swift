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
        try read { db, _ in
            try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT leaf, work, version, records FROM statements
                        WHERE leaf >= ? AND version IS NOT NULL ORDER BY leaf LIMIT ?
                        """),
                arguments: [leaf.clamped, limit]
            ).compactMap(Self.registration)
        }
    }

    /// Registrations that name an attachment, as their manifest.
    func registrations(withAttachment hash: Digest) throws(DatabaseFailure) -> [Registration] {
        try read { _, events in
            var found: [Registration] = []
            try events.forEach(committingTo: hash) { row in
                if row["version"] != nil, let registration = try Self.registration(row), registration.manifest == hash {
                    found.append(registration)
                }
                return found.count < NodeLimits.pageSize
            }
            return found
        }
    }

    /// What was registered at a leaf.
    func version(at leaf: UInt64) throws(DatabaseFailure) -> RegisteredVersion? {
        try read { db, events in
            guard
                let row = try Row.fetchOne(
                    db.cachedStatement(sql: "SELECT * FROM statements WHERE leaf = ? AND version IS NOT NULL"),
                    arguments: [leaf.clamped]),
                let registration = try Self.registration(row)
            else { return nil }
            let work = try row.digest("work")
            return RegisteredVersion(
                work: work, version: UInt32(clamping: try row.number("version")), party: try row.digest("issuer"),
                time: try row.number("time"), isContested: row["contested"] != nil,
                title: try Self.title(db, events, work, registeredAt: leaf), manifest: registration.manifest)
        }
    }

    private static func registration(_ row: Row) throws -> Registration? {
        let urn = URN.version(work: try row.digest("work"), sequence: UInt32(clamping: try row.number("version")))
        guard let effect = try IndexedEffects(row.bytes("records")).effect(on: urn) else { return nil }
        return Registration(
            leaf: try row.number("leaf"), manifest: try VersionRecord(cbor: effect.body).content.manifest.hash)
    }
}
