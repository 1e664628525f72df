/// How many bytes the reading of one asset may produce in all: decoded numbers, text, indices, hashed images.
///
/// One count for everything, because many small limits add up: ten thousand accessors over one buffer each look
/// harmless. Whatever is decoded is paid for before it is allocated.
public struct AssetBudget: Hashable, Sendable {
    /// Enough for about ten million triangles.
    public static let standardBytes = 1 << 30

    public private(set) var remaining: Int

    /// - Parameter bytes: not negative.
    public init(bytes: Int = AssetBudget.standardBytes) {
        precondition(bytes >= 0, "a budget of \(bytes) bytes")
        remaining = bytes
    }

    /// Pays for `count` bytes; `false`, and nothing paid, if that is more than remains.
    public mutating func take(_ count: Int) -> Bool {
        precondition(count >= 0, "\(count) bytes of a budget")
        guard count <= remaining else { return false }
        remaining -= count
        return true
    }

    /// Pays for `count` things of `size` bytes each.
    mutating func pay(_ count: Int, of size: Int = 1, at place: @autoclosure () -> String) throws(AssetError) {
        let (needed, overflow) = count.multipliedReportingOverflow(by: size)
        guard !overflow, take(needed) else {
            throw .overBudget(needed: overflow ? Int.max : needed, remaining: remaining, place: place())
        }
    }
}
