/// Who may read an attachment. It stands beside the bytes at each node, not on the chain.
public enum DataClass: String, CaseIterable, Sendable {
    /// Everybody.
    case `public`
    /// Its owner, who signed the first statement that commits to it, and readers in office; each with a ``ReadToken``.
    case restricted
}
