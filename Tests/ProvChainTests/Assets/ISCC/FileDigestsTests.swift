import Testing

@testable import ProvChain

/// The three hashes of a stream on threads of their own are those of the whole.
@Suite struct FileDigestsTests {
    struct BrokenDisk: Error {}

    static let pieceBytes = 4_096

    /// Gives `bytes`, at most `step` at a time, and throws where `breaksAt` says.
    private static func digests(_ bytes: [UInt8], step: Int, breaksAt: Int? = nil) throws -> FileDigests {
        let lanes = HashingLanes(pieceBytes: pieceBytes, pieceCount: 3)
        var position = 0
        return try FileDigests.reading(lanes) { memory in
            if let breaksAt, position >= breaksAt { throw BrokenDisk() }
            let count = min(step, memory.count, bytes.count - position)
            bytes.withUnsafeBytes {
                memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position...].prefix(count)))
            }
            position += count
            return count
        }
    }

    @Test(arguments: [0, 1, 4_095, 4_096, 4_097, 12_288, 12_289, 100_000])
    func anyLengthAroundTheRing(count: Int) throws {
        let bytes = RandomInput.bytes(seed: 3, size: count, kind: 0)
        let wanted = FileDigests(of: bytes)
        #expect(try Self.digests(bytes, step: .max) == wanted)
        #expect(try Self.digests(bytes, step: 1_000) == wanted)
        #expect(wanted.size == UInt64(count))
    }

    @Test func whatTheReaderThrowsEndsIt() {
        let bytes = RandomInput.bytes(seed: 4, size: 50_000, kind: 0)
        for place in [0, 1, 4_096, 30_000] {
            #expect(throws: BrokenDisk.self) { try Self.digests(bytes, step: 700, breaksAt: place) }
        }
    }

    @Test func theRingOfAFile() {
        let bytes = RandomInput.bytes(seed: 5, size: HashingLanes.pieceBytes + 5, kind: 0)
        var position = 0
        let digests = FileDigests.reading { memory in
            let count = min(memory.count, bytes.count - position)
            bytes.withUnsafeBytes {
                memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[position...].prefix(count)))
            }
            position += count
            return count
        }
        #expect(digests == FileDigests(of: bytes))
    }
}
