import GRDB
import ProvChain

/// Why a database cannot be opened, read or written, and what the operator should do.
///
/// The state and the index both follow from the log, so building them again is always a way out: it costs the
/// time to execute the log again, never data.
enum DatabaseFailure: Error, Hashable, Sendable {
    case newerSchema(file: String, found: Int, known: Int)
    /// No migration leads from the version found to the one that this program knows.
    case olderSchema(file: String, found: Int, known: Int)
    /// A database of something else: it is not touched.
    case foreign(file: String, applicationID: Int)
    /// Not a database, or one whose pages or values are not what was written.
    case damaged(file: String, reason: String)
    case diskFull(file: String)
    case failed(file: String, reason: String)
    /// Blocks are applied in order, without gaps.
    case heightNotNext(file: String, expected: UInt64, found: UInt64)

    /// With less than this much space SQLite cannot even open a database.
    private static let smallestFree = 64 << 10

    /// Runs `work` on the database in `file`, and says what its failure means.
    static func catching<T>(_ file: String, _ work: () throws -> T) throws(DatabaseFailure) -> T {
        do {
            return try work()
        } catch let failure as DatabaseFailure {
            throw failure
        } catch let damage as DamagedColumn {
            throw .damaged(file: file, reason: damage.description)
        } catch let error as LogStoreError {
            if case .diskFull = error { throw .diskFull(file: file) }
            throw .failed(file: file, reason: "\(error)")
        } catch let error as DatabaseError {
            let reason = "\(error.resultCode.rawValue) \(error.message ?? "no message")"
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: throw .damaged(file: file, reason: reason)
            case .SQLITE_FULL: throw .diskFull(file: file)
            // The index into the write-ahead log is shared memory, whose lack of space SQLite calls an I/O error.
            case .SQLITE_IOERR, .SQLITE_CANTOPEN:
                if let free = DiskSpace.free(LogFolder.parent(of: file)), free < smallestFree {
                    throw .diskFull(file: file)
                }
                throw .failed(file: file, reason: reason)
            default: throw .failed(file: file, reason: reason)
            }
        } catch {
            throw .failed(file: file, reason: "\(error)")
        }
    }
}

extension DatabaseFailure: Spoken {
    var phrase: Phrase {
        switch self {
        case .newerSchema(let file, let found, let known):
            Phrase(
                "\(file) was written by a newer provnode (schema \(found), provnode \(Software.version) knows \(known)): "
                    + "install the release that wrote it, or stop the node and build it again: \(Self.rebuild(file))",
                "\(file) 由更新版本的 provnode 写成（模式 \(found)，provnode \(Software.version) 支持 \(known)）："
                    + "请安装写出它的版本，或停止节点后重建：\(Self.rebuild(file))")
        case .olderSchema(let file, let found, let known):
            Phrase(
                "\(file) was written by an older provnode (schema \(found), provnode \(Software.version) needs \(known)), "
                    + "and nothing leads from one to the other: stop the node and build it again: \(Self.rebuild(file))",
                "\(file) 由较旧版本的 provnode 写成（模式 \(found)，provnode \(Software.version) 需要 \(known)），无法升级："
                    + "请停止节点后重建：\(Self.rebuild(file))")
        case .foreign(let file, let applicationID):
            Phrase(
                "\(file) is a database of something else (application id \(applicationID)): it was not touched; move it "
                    + "away, then build the right one: \(Self.rebuild(file))",
                "\(file) 是其他程序的数据库（application id \(applicationID)）：未作改动；请将其移走，然后重建：\(Self.rebuild(file))")
        case .damaged(let file, let reason):
            Phrase(
                "\(file) is damaged (\(reason)): stop the node and build it again from the log: \(Self.rebuild(file))",
                "\(file) 已损坏（\(reason)）：请停止节点并由日志重建：\(Self.rebuild(file))")
        case .diskFull(let file):
            Phrase(
                "no space left on the disk of \(file): free some space, then restart the node",
                "\(file) 所在磁盘已满：请释放空间后重启节点")
        case .failed(let file, let reason):
            Phrase(
                "\(file): \(reason)",
                "\(file)：\(reason)")
        case .heightNotNext(let file, let expected, let found):
            Phrase(
                "\(file) takes block \(expected) next and was given block \(found)",
                "\(file) 的下一区块应为 \(expected)，收到的是 \(found)")
        }
    }
}

extension DatabaseFailure {
    /// The command that builds the database in `file` again.
    private static func rebuild(_ file: String) -> String {
        let flag = file.hasSuffix("/" + NodeHome.stateDatabaseName) ? " --state" : ""
        return "provnode reindex\(flag) --home \(LogFolder.parent(of: file))"
    }
}

/// A column whose value is not what its table holds.
struct DamagedColumn: Error, CustomStringConvertible {
    let column: String

    var description: String { "the value of column \(column) has the wrong form" }
}
