import ProvChain

/// Where a list goes on, as a text that clients hand back unread.
///
/// It names the last entry of the page before, not a count of entries, so nothing is skipped or repeated while new
/// entries come in front. And it holds a mark of the question, so that it is refused with another one.
struct PageCursor: Sendable {
    /// The list and what it is a list of.
    let question: String

    private static let markBytes = 6

    private var mark: ArraySlice<UInt8> { SHA256.hash(Array(question.utf8)).bytes.prefix(Self.markBytes) }

    /// - Parameter place: the key of the last entry of a page; `nil` after the last one.
    func text(_ place: [UInt8]?) -> String? { place.map { Base64URL.encode(mark + $0) } }

    func text(_ place: UInt64?) -> String? {
        text(place.map { place in withUnsafeBytes(of: place.bigEndian) { Array($0) } })
    }

    /// - Throws: ``Problems/badCursor``.
    func place(_ text: String?) throws(ProblemView) -> [UInt8]? {
        guard let text else { return nil }
        guard let bytes = Base64URL.decode(text), bytes.starts(with: mark) else { throw Problems.badCursor }
        return Array(bytes.dropFirst(Self.markBytes))
    }

    /// - Throws: ``Problems/badCursor``.
    func number(_ text: String?) throws(ProblemView) -> UInt64? {
        guard let place = try place(text) else { return nil }
        guard place.count == 8 else { throw Problems.badCursor }
        return place.reduce(0) { $0 << 8 | UInt64($1) }
    }
}
