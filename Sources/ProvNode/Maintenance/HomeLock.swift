import ProvChain

/// The right to change a home, which a running node has: maintenance takes it or stops.
struct HomeLock {
    private let lock: LogLock

    /// Throws an error with exit code 75 while a node runs.
    init(_ home: NodeHome) throws { lock = try Self.take(home) }

    private static func take(_ home: NodeHome) throws -> LogLock {
        let paths = LogPaths(home: home.path)
        guard LogFolder.exists(paths.folder) else {
            throw NodeCommandError(
                phrase: Phrase(
                    "there is no log in \(home.path) yet: the node has not run",
                    "\(home.path) 中还没有日志：节点尚未运行过"), code: 65)
        }
        let taken = Result { () throws(LogStoreError) in try LogLock(at: paths.lock) }
        switch taken {
        case .success(let lock): return lock
        case .failure(.locked(_, let process)):
            throw NodeCommandError(
                phrase: Phrase(
                    "a node runs on \(home.path)\(process.map { " (process \($0))" } ?? ""): stop it first",
                    "节点正在 \(home.path) 上运行\(process.map { "（进程 \($0)）" } ?? "")：请先停止它"),
                code: 75)
        case .failure(let error): throw error
        }
    }
}
