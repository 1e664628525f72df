/// How many bytes the reading of one asset may produce in all: decoded numbers, text, indices, hashed images.
///
/// One count for everything, because many small limits add up: ten thousand accessors over one buffer each look
/// harmless. Whatever is decoded is paid for before it is allocated.
public struct AssetBudget: Hashable, Sendable {
    /// Enough for about ten million triangles.
    public static let standardBytes = 1 << 30
    /// What any file may become, however small.
    public static let leastBytes = 64 << 20
    /// What each byte of a file may become besides; real models take up to 20.
    public static let bytesPerFileByte = 32

    public private(set) var remaining: Int
    /// What further files may add.
    private var reserve = 0

    /// - Parameter bytes: not negative.
    public init(bytes: Int = AssetBudget.standardBytes) {
        precondition(bytes >= 0, "a budget of \(bytes) bytes")
        remaining = bytes
    }

    /// For a file of so many bytes: a few hundred of them must not cost a gigabyte.
    ///
    /// - Parameters:
    ///   - fileBytes: not negative.
    ///   - limit: the most for all files together.
    public init(fileBytes: Int, atMost limit: Int = AssetBudget.standardBytes) {
        precondition(fileBytes >= 0, "a file of \(fileBytes) bytes")
        self.init(bytes: min(limit, Self.leastBytes))
        reserve = limit - remaining
        admit(fileBytes)
    }

    /// The largest file that may still be brought.
    var largestFile: Int { remaining + reserve }

    /// A further file was brought, and may become as much as it would alone.
    mutating func admit(_ fileBytes: Int) {
        let (wanted, overflow) = fileBytes.multipliedReportingOverflow(by: Self.bytesPerFileByte)
        let added = overflow ? reserve : min(wanted, reserve)
        remaining += added
        reserve -= added
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
