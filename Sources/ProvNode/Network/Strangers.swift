import ProvChain
import Synchronization

/// How many connections have not said who they are. A crowd of them costs sockets for five seconds, and nothing
/// that a known peer needs.
final class Strangers: Sendable {
    private let count = Atomic(0)

    /// One connection among them, until it says who it is or ends.
    final class Place: Sendable {
        private let strangers: Strangers
        private let isTaken = Atomic(true)

        fileprivate init(_ strangers: Strangers) { self.strangers = strangers }

        func leave() {
            if isTaken.exchange(false, ordering: .relaxed) { strangers.count.subtract(1, ordering: .relaxed) }
        }

        deinit { leave() }
    }

    /// `nil` if there are as many as this node bears.
    func admit() -> Place? {
        guard count.add(1, ordering: .relaxed).newValue <= NetworkLimits.strangers else {
            count.subtract(1, ordering: .relaxed)
            return nil
        }
        return Place(self)
    }
}

/// Numbers connections, from any thread.
final class LinkNumbers: Sendable {
    private let last = Atomic<UInt64>(0)

    func next() -> PeerLinks.LinkID { last.add(1, ordering: .relaxed).newValue }
}
