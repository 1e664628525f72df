import Synchronization

/// What happens on other threads, gathered until one reader takes all of it at once: however many things happened,
/// the reader is woken once.
final class Mailbox<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var reader: CheckedContinuation<Void, Never>?
        var isClosed = false

        mutating func takeReader() -> CheckedContinuation<Void, Never>? {
            defer { reader = nil }
            return reader
        }
    }

    private let state = Mutex(State())

    /// False after ``close()``: nobody will take it.
    @discardableResult
    func put(_ item: Item) -> Bool {
        let (isOpen, reader) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed else { return (false, nil) }
            state.items.append(item)
            return (true, state.takeReader())
        }
        reader?.resume()
        return isOpen
    }

    /// Everything since the last call, in order, at least one item: waits for it. `nil` once the mailbox is closed and
    /// empty. One reader at a time.
    func takeAll(isolation: isolated (any Actor)? = #isolation) async -> [Item]? {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                guard state.items.isEmpty, !state.isClosed else { return true }
                state.reader = continuation
                return false
            }
            if isReady { continuation.resume() }
        }
        return state.withLock { state in
            defer { state.items = [] }
            return state.items.isEmpty ? nil : state.items
        }
    }

    func close() {
        let reader = state.withLock { state in
            state.isClosed = true
            return state.takeReader()
        }
        reader?.resume()
    }
}
