import Foundation
import GRDB
import ProvChain

extension IndexDatabase {
    /// Who owns an attachment: the issuer of the first final statement that commits to it; `nil` if there is none.
    /// Whoever repeats its hash later does not come to own it.
    func owner(ofAttachment hash: Digest) throws(DatabaseFailure) -> Digest? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT s.issuer FROM attachments a JOIN statements s ON s.leaf = a.leaf
                        WHERE a.hash = ? ORDER BY a.leaf LIMIT 1
                        """),
                arguments: [hash.blob]
            ).map { try $0.digest("issuer") }
        }
    }
}
