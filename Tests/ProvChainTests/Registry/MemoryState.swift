@testable import ProvChain

/// A state database in two dictionaries. It keeps bytes, as a real one does.
struct MemoryState: StateSource {
    private(set) var records: [Digest: [UInt8]] = [:]
    private(set) var checkpoint: [UInt8]?

    mutating func apply(_ flush: StateFlush) {
        for (key, record) in flush.records { records[key] = record.cbor }
        checkpoint = flush.checkpoint.cbor
    }

    func storedRecord(_ key: Digest) throws -> StoredRecord? { try records[key].map { try StoredRecord(cbor: $0) } }

    func leaves(under prefix: StatePrefix) -> [StateLeaf] {
        records.filter { prefix.keys.contains($0.key) }
            .map { StateLeaf(key: $0.key, recordHash: SHA256.hash($0.value)) }.sorted { $0.key < $1.key }
    }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
