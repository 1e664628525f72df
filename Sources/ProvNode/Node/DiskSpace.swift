import Glibc
import ProvChain

/// How much space the disk of a home has left, looked at now and then.
///
/// A disk that is full to the last byte stops the node, because nothing more can be made durable. So it takes no
/// statements from a while before that, says so, and takes them again as soon as there is space: a reserve for
/// what it has promised already, for the databases behind it, and for whoever has to make space.
struct DiskSpace {
    let folder: String
    /// Below this many bytes no statements are taken; 0 for no reserve.
    let reserve: Int
    private var looked: UInt64 = 0
    private var found = Int.max

    /// Milliseconds for which one look is good enough.
    private static let interval: UInt64 = 250

    init(folder: String, reserve: Int) {
        self.folder = folder
        self.reserve = reserve
    }

    /// Bytes free, if that is less than the reserve.
    mutating func shortage(now: UInt64) -> Int? {
        guard reserve > 0 else { return nil }
        if now >= looked + Self.interval || now < looked {
            looked = now
            found = Self.free(folder) ?? .max
        }
        return found < reserve ? found : nil
    }

    /// Bytes that this process may still write there; `nil` if the system does not say.
    static func free(_ folder: String) -> Int? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        return Int(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }
}

extension Problems {
    static func lowSpace(free: Int, reserve: Int) -> ProblemView {
        ProblemView(
            title: "Disk nearly full", status: 507,
            detail:
                "The node's disk has \(free) bytes left, and it takes statements from \(reserve) on. Reading works. "
                + "Try again when its operator has made space, or ask another node.",
            rule: "node.disk-full", parameters: ["free": "\(free)", "reserve": "\(reserve)"], retry: true)
    }

    static let diskFull = ProblemView(
        title: "Disk full", status: 507,
        detail: "The node's disk is full, so it stops. What was not answered as final may not be: send it again when "
            + "the node is back.", rule: "node.disk-full", retry: true)

    /// What those who wait are told when the node stops because of a failure.
    static func failure(_ error: any Error) -> ProblemView {
        switch error {
        case let error as LogStoreError where error.isDiskFull: diskFull
        case let error as DatabaseFailure where error.isDiskFull: diskFull
        default: storage
        }
    }
}
