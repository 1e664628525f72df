import Dispatch
import Synchronization

/// Three hashes on a thread each, and a ring of pieces between them and whoever reads.
///
/// Each thread takes every piece in order; a piece is free again when the last of them is through with it. A
/// thread that falls behind holds the reader back, so no queue grows.
final class HashingLanes: @unchecked Sendable {
    // Safe to share: each hash is touched only on its own queue, and by `finish` after all queues are empty. A
    // piece is written only between `nextPiece` and `hash`, when no queue has it.

    /// A piece should stay in a processor's cache from the read to the last hash.
    static let pieceBytes = 1 << 19
    /// Enough that a thread which the system holds back for some milliseconds does not stop the others.
    static let pieceCount = 16

    final class Piece: @unchecked Sendable {
        let memory: UnsafeMutableRawBufferPointer
        fileprivate var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }
        /// Threads that still need it.
        fileprivate let users = Atomic<Int>(0)

        fileprivate init(byteCount: Int) { memory = .allocate(byteCount: byteCount, alignment: 64) }
        deinit { memory.deallocate() }
    }

    /// Made when first needed: most files are small.
    private var pieces: [Piece] = []
    private let pieceBytes: Int
    private let pieceCount: Int
    /// Pieces are freed in the order of the ring, since every thread goes in that order. It blocks: whoever reads a
    /// file blocks on the disk anyway, and is to wait here rather than fill the memory.
    private let free: DispatchSemaphore
    private var taken = 0
    private var size: UInt64 = 0

    private let sha256Queue = DispatchQueue(label: "provchain.hashing.sha256", qos: .userInitiated)
    private let blake3Queue = DispatchQueue(label: "provchain.hashing.blake3", qos: .userInitiated)
    private let dataCodeQueue = DispatchQueue(label: "provchain.hashing.data", qos: .userInitiated)
    private var sha256 = SHA256()
    private var blake3 = BLAKE3()
    private var dataCode = ISCCDataCode()

    init(pieceBytes: Int = HashingLanes.pieceBytes, pieceCount: Int = HashingLanes.pieceCount) {
        precondition(pieceBytes > 0 && pieceCount > 0, "\(pieceCount) pieces of \(pieceBytes) bytes")
        self.pieceBytes = pieceBytes
        self.pieceCount = pieceCount
        free = DispatchSemaphore(value: pieceCount)
    }

    /// The next free piece of the ring, waiting for it.
    func nextPiece() -> Piece {
        free.wait()
        let index = taken % pieceCount
        if index == pieces.count { pieces.append(Piece(byteCount: pieceBytes)) }
        return pieces[index]
    }

    /// Takes back a piece that was not filled.
    func giveBack() { free.signal() }

    /// Hashes a full piece, without waiting.
    func hash(_ piece: Piece) {
        taken += 1
        size += UInt64(piece.memory.count)
        piece.users.store(3, ordering: .relaxed)
        sha256Queue.async { [self] in
            sha256.update(piece.bytes)
            release(piece)
        }
        blake3Queue.async { [self] in
            blake3.update(piece.bytes)
            release(piece)
        }
        dataCodeQueue.async { [self] in
            dataCode.update(piece.bytes)
            release(piece)
        }
    }

    private func release(_ piece: Piece) {
        if piece.users.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { free.signal() }
    }

    /// The digests, `piece` having the last `count` bytes. No piece may be hashed afterwards.
    func finish(_ piece: Piece, _ count: Int) -> FileDigests {
        waitUntilIdle()
        let rest = UnsafeRawBufferPointer(rebasing: piece.memory[..<count])
        sha256.update(rest)
        blake3.update(rest)
        dataCode.update(rest)
        giveBack()
        return FileDigests(
            size: size + UInt64(count), sha256: sha256.finalize(), blake3: blake3.finalize(),
            dataHash: dataCode.finalize())
    }

    /// Returns when every piece is hashed.
    func waitUntilIdle() {
        for queue in [sha256Queue, blake3Queue, dataCodeQueue] { queue.sync {} }
    }
}
