import Foundation
import GRDB
import ProvChain

extension IndexDatabase {
    /// Who owns an attachment: the issuer of the first final statement that commits to it; `nil` if there is none.
    /// Whoever repeats its hash later does not come to own it.
    func owner(ofAttachment hash: Digest) throws(DatabaseFailure) -> Digest? {
        try read { _, events in
            var owner: Digest?
            try events.forEach(committingTo: hash) { row in
                owner = try row.digest("issuer")
                return false
            }
            return owner
        }
    }

    /// True if some final statement commits to this attachment.
    func references(_ hash: Digest) throws(DatabaseFailure) -> Bool { try owner(ofAttachment: hash) != nil }

    /// Attachments to which final statements commit, in the order of the statements, from a leaf on.
    ///
    /// - Returns: the hashes of some statements, and the leaf from which to go on; `nil` after the last statement.
    func attachments(from leaf: UInt64, statements: Int) throws(DatabaseFailure) -> (hashes: [Digest], next: UInt64?) {
        try read { db, _ in
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT leaf, attachments FROM statements WHERE leaf >= ? ORDER BY leaf LIMIT ?"),
                arguments: [leaf.clamped, Self.bounded(statements)])
            let last = rows.count < statements ? nil : try rows.last?.number("leaf")
            return (try rows.flatMap { try $0.digests("attachments") }, last.map { $0 + 1 })
        }
    }
}
