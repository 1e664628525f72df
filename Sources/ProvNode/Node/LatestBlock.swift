import ProvChain
import Synchronization

/// The latest final block as readers need it who are not on the ledger's thread: its height, the size of its
/// checkpoint, and the signature that all receipts under it share.
///
/// It is published before the block is given to the index, so whatever the index knows is under it.
final class LatestBlock: Sendable {
    private struct State {
        var header: BlockHeader
        var root: Digest
        /// Made when the first receipt of the block is asked for.
        var signed: ReceiptHeader?
    }

    private let origin: String
    /// `nil` for an observer, which signs nothing.
    private let key: SecretKey?
    private let state: Mutex<State>

    init(_ tip: Tip, origin: String, key: SecretKey?) {
        self.origin = origin
        self.key = key
        state = Mutex(State(header: tip.header, root: tip.history.root))
    }

    func publish(_ tip: Tip) { state.withLock { $0 = State(header: tip.header, root: tip.history.root) } }

    var height: UInt64 { state.withLock { $0.header.height } }

    /// False for an observer.
    var isSigned: Bool { key != nil }

    /// This validator's signature over the checkpoint, with the checkpoint's size; `nil` for an observer.
    func receiptHeader() -> (header: ReceiptHeader, size: UInt64)? {
        guard let key else { return nil }
        return state.withLock { state in
            let signed =
                state.signed ?? ReceiptHeader.sign(state.header, root: state.root, origin: origin, by: key)
            state.signed = signed
            return (signed, state.header.checkpointSize)
        }
    }
}
