import Testing

@testable import ProvChain

/// Where a stream is cut, against the definition taken step by step.
@Suite struct ContentChunkerTests {
    /// The lengths of the chunks, one byte after the other, as the standard's pseudocode has it.
    private static func definition(_ bytes: [UInt8]) -> [Int] {
        var lengths: [Int] = []
        var start = 0
        while start < bytes.count {
            let count = bytes.count - start
            var end = min(count, 8_192)
            var pattern: UInt64 = 0
            var index = min(256, count)
            while index < min(count, 8_192) {
                pattern = pattern >> 1 + UInt64(GearTable.words[Int(bytes[start + index])])
                index += 1
                if pattern & (index <= 640 ? 0x7FF : 0x1FF) == 0 {
                    end = index
                    break
                }
            }
            lengths.append(end)
            start += end
        }
        return lengths
    }

    private static func cut(_ bytes: [UInt8], pieces: Int) -> [Int] {
        var chunker = ContentChunker()
        var lengths: [Int] = []
        var joined: [UInt8] = []
        let take: (UnsafeRawBufferPointer) -> Void = {
            lengths.append($0.count)
            joined += $0
        }
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { chunker.update($0, onChunk: take) }
        }
        chunker.finish(onChunk: take)
        #expect(joined == bytes)
        return lengths
    }

    @Test(arguments: [0, 1, 2])
    func cutsAreWhereTheDefinitionHasThem(kind: Int) {
        let bytes = RandomInput.bytes(seed: 7, size: 200_000, kind: kind)
        let wanted = Self.definition(bytes)
        #expect(wanted.count > 20)
        for pieces in [200_000, 65_536, 8_191, 640, 257, 13, 1] {
            #expect(Self.cut(bytes, pieces: pieces) == wanted, "in pieces of \(pieces)")
        }
    }

    /// Ends at every place relative to the steps of eight, the minimum, the centre and the maximum.
    @Test func everyShortLength() {
        let bytes = RandomInput.bytes(seed: 9, size: 9_000, kind: 1)
        for count in Array(0...700) + Array(8_180...8_210) {
            let part = Array(bytes.prefix(count))
            #expect(Self.cut(part, pieces: max(count, 1)) == Self.definition(part), "\(count) bytes")
        }
    }
}
