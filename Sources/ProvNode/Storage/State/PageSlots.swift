/// Pages of a file that were read lately, each in the one place that its number gives it.
///
/// A block asks for a record and, once it is executed, for the bucket of the tree around it: mostly the same page. It
/// touches some 8,000 pages.
final class PageSlots: @unchecked Sendable {
    // Safe to share: its one owner is used inside a lock.
    private let memory: UnsafeMutableRawBufferPointer
    /// By slot, the number of the page there; 0 for none, since page 0 is the file's header.
    private var numbers: [UInt32]

    /// 32 MiB, which the kernel gives page by page as they are used.
    private static let count = 8_192

    init() {
        memory = .allocate(byteCount: Self.count * LeafPage.byteCount, alignment: LeafPage.byteCount)
        numbers = Array(repeating: 0, count: Self.count)
    }

    deinit { memory.deallocate() }

    /// The bytes of a page; `read` fills them if they are not here.
    func page(
        _ number: Int, _ read: (UnsafeMutableRawBufferPointer) throws -> Void
    ) rethrows -> UnsafeRawBufferPointer {
        let slot = number % Self.count
        let start = slot * LeafPage.byteCount
        let bytes = UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + LeafPage.byteCount])
        if numbers[slot] != UInt32(number) {
            numbers[slot] = 0
            try read(bytes)
            numbers[slot] = UInt32(number)
        }
        return UnsafeRawBufferPointer(bytes)
    }

    /// A page has other bytes now.
    func forget(_ number: Int) {
        if numbers[number % Self.count] == UInt32(number) { numbers[number % Self.count] = 0 }
    }
}
