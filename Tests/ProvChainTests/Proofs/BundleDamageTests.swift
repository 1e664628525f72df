import Testing

@testable import ProvChain

/// There are no informative fields: a bundle with one bit flipped is not read, or does not verify.
@Suite struct BundleDamageTests {
    /// The bytes of which one bit could be flipped unnoticed: each byte of `part` loses another one of its bits.
    private func survivors(_ bytes: [UInt8], part: [Int], _ genesis: GenesisFile) -> [Int] {
        part.filter { index in
            var damaged = bytes
            damaged[index] ^= 1 << UInt8((index / 4 + index) % 8)
            guard let bundle = try? Bundle(cbor: damaged) else { return false }
            return bundle.check(against: genesis).verified
        }
    }

    @Test(arguments: 0..<4) func everyByteOfASmallBundleCounts(kind: Int) throws {
        let story = try BundleStory.sole.get()
        let subject: URN =
            switch kind {
            case 0: .party(story.bob.id)
            case 1: .version(work: story.vase, sequence: 2)
            case 2: .offer(story.offer)
            default: .work(.zero)
            }
        let bytes = try story.parts(subject).bundle.cbor
        #expect(survivors(bytes, part: Array(bytes.indices), story.chain.file) == [])
        print("bundle of \(bytes.count) bytes: \(bytes.count) flipped bits refused")
    }

    /// Everything about a work, under four validators; a quarter of the bytes each, so that they run side by side.
    @Test(arguments: 0..<4) func everyByteOfAWorkCounts(quarter: Int) throws {
        let story = try BundleStory.four.get()
        let bytes = try story.work().bundle.cbor
        let part = Array(bytes.indices).filter { $0 % 4 == quarter }
        #expect(survivors(bytes, part: part, story.chain.file) == [])
        print("bundle of \(bytes.count) bytes: \(part.count) flipped bits refused")
    }

    @Test func noTruncationIsRead() throws {
        let bytes = try BundleStory.four.get().work().bundle.cbor
        let readable = bytes.indices.filter { (try? Bundle(cbor: Array(bytes[..<$0]))) != nil }
        #expect(readable == [])
    }
}
