import GRDB

/// Why a database cannot be opened, read or written, and what the operator should do.
///
/// The state and the index both follow from the log, so removing a database is always a way out: it costs the
/// time to execute the log again, never data.
enum DatabaseFailure: Error, Hashable, Sendable {
    case newerSchema(file: String, found: Int, known: Int)
    /// Not a database, or one whose pages or values are not what was written.
    case damaged(file: String, reason: String)
    case diskFull(file: String)
    case failed(file: String, reason: String)
    /// Blocks are applied in order, without gaps.
    case heightNotNext(file: String, expected: UInt64, found: UInt64)

    /// Runs `work` on the database in `file`, and says what its failure means.
    static func catching<T>(_ file: String, _ work: () throws -> T) throws(DatabaseFailure) -> T {
        do {
            return try work()
        } catch let failure as DatabaseFailure {
            throw failure
        } catch let damage as DamagedColumn {
            throw .damaged(file: file, reason: damage.description)
        } catch let error as DatabaseError {
            let reason = "\(error.resultCode.rawValue) \(error.message ?? "no message")"
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: throw .damaged(file: file, reason: reason)
            case .SQLITE_FULL: throw .diskFull(file: file)
            default: throw .failed(file: file, reason: reason)
            }
        } catch {
            throw .failed(file: file, reason: "\(error)")
        }
    }
}

extension DatabaseFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .newerSchema(let file, let found, let known):
            "\(file) was written by a newer provnode (schema \(found), this one knows \(known)): install that release "
                + "again, or stop the node and remove \(file) to have it rebuilt from the log"
        case .damaged(let file, let reason):
            "\(file) is damaged (\(reason)): stop the node and remove \(file) to have it rebuilt from the log"
        case .diskFull(let file): "no space left on the disk of \(file): free some space, then restart the node"
        case .failed(let file, let reason): "\(file): \(reason)"
        case .heightNotNext(let file, let expected, let found):
            "\(file) takes block \(expected) next and was given block \(found)"
        }
    }
}

/// A column whose value is not what its table holds.
struct DamagedColumn: Error, CustomStringConvertible {
    let column: String

    var description: String { "the value of column \(column) has the wrong form" }
}
