import Synchronization

/// The addresses under which clients know this node, as tokens name them: the configured one, or else where it
/// listens.
final class Audiences: Sendable {
    private let known: Mutex<Set<String>>
    private let isFixed: Bool

    /// - Parameter publicURL: scheme, host and port for clients, if a proxy stands before the node.
    init(publicURL: String? = nil) {
        known = Mutex(publicURL.map { [$0] } ?? [])
        isFixed = publicURL != nil
    }

    /// The node listens; a loopback address has two names.
    func listening(host: String, port: Int) {
        guard !isFixed else { return }
        let name = host.contains(":") ? "[\(host)]" : host
        known.withLock { known in
            known.insert("http://\(name):\(port)")
            if host == "127.0.0.1" || host == "::1" { known.insert("http://localhost:\(port)") }
        }
    }

    func contains(_ audience: String) -> Bool { known.withLock { $0.contains(audience) } }

    /// For people: which audience a token should have had.
    var text: String { known.withLock { $0.sorted().joined(separator: " or ") } }
}
