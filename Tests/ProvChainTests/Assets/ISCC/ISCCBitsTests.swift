import Testing

@testable import ProvChain

/// Codes as they are compared by distance.
@Suite struct ISCCBitsTests {
    @Test func unitsGiveTheirFirst64Bits() throws {
        let digests = FileDigests(of: Array("hello".utf8))
        let bits = ISCCBits([digests.dataCode(.bits256), digests.instanceCode(.bits64)])
        #expect(bits.data == digests.dataHash.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
        #expect(bits.instance == digests.blake3.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
        #expect(bits.meta == nil)
        #expect(ISCCBits([digests.dataCode(.bits32)]).data == nil)
        #expect(ISCCBits(text: digests.iscc().text) == bits)
        #expect(ISCCBits(text: digests.dataCode().text)?.instance == nil)
        for wrong in ["", "ISCC:", "ISCC:AAAA", digests.dataCode(.bits32).text] {
            #expect(ISCCBits(text: wrong) == nil)
        }
    }

    @Test func nearIsTenBitsForDataAndEqualityForInstances() {
        func bits(_ data: UInt64, _ instance: UInt64) -> ISCCBits {
            ISCCBits(meta: nil, data: data, instance: instance)
        }
        let one = bits(0, 0)
        #expect(one.nearest(to: bits(0, 0)).map { "\($0.unit) \($0.distance)" } == "instance 0")
        #expect(one.nearest(to: bits(0x3FF, 1)).map { "\($0.unit) \($0.distance)" } == "data 10")
        #expect(one.nearest(to: bits(0x7FF, 1)) == nil)
        #expect(one.nearest(to: ISCCBits(meta: 0, data: nil, instance: nil)) == nil)
    }
}
