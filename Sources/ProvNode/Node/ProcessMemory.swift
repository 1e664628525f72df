import CMalloc
import ProvChain

/// How the C library keeps the memory that a process freed.
///
/// By itself it makes a heap for each of some twenty threads, and each keeps what its thread freed: a validator had a
/// third more memory that way, and was no faster.
enum ProcessMemory {
    private static let heaps: Int32 = 2

    /// Once, when a node starts.
    static func bound() { mallopt(M_ARENA_MAX, heaps) }

    /// Gives what is free back to the system: some milliseconds. False if there was nothing.
    @discardableResult
    static func giveBack() -> Bool { malloc_trim(0) == 1 }
}
