import Testing

@testable import ProvChain

@Suite("Places of keys") struct KeyTableTests {
    /// Keys with equal tags, with equal bits for the slot, and with both, stand beside ones that differ in all.
    @Test func itFindsWhatADictionaryFinds() {
        var keys: [Digest] = (0..<2_000).map { SHA256.hash(Array("\($0)".utf8)) }
        for number in 0..<200 as Range<UInt64> {
            keys.append(Digest(words: (number, 7, 7, 7 << 32)))
            keys.append(Digest(words: (1_000, 7, number, number << 32)))
            keys.append(Digest(words: (1_001, number, 9, 9 << 32)))
        }
        var table = KeyTable()
        var places: [Digest: Int] = [:]
        for (place, key) in keys.enumerated() {
            #expect(table.place(of: key) { keys[$0] } == nil)
            table.insert(key) { keys[$0] }
            places[key] = place
        }
        #expect(places.count == keys.count)
        for (key, place) in places { #expect(table.place(of: key) { keys[$0] } == place) }
        #expect(table.place(of: .zero) { keys[$0] } == nil)
    }
}
