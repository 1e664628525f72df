import ProvChain

/// What a statement did to one record.
struct IndexedEffect: Hashable, Sendable {
    let urn: URN
    /// Of the event in the record's history, from 1.
    let number: UInt64
    /// The head of the history after it.
    let head: Digest
    /// The record's body after it.
    let body: [UInt8]
}

/// What a statement did, as the index keeps it beside the statement: for each record its URN in the short form, the
/// number of the event, the head of the history, and the body with its length before it; numbers big-endian.
struct IndexedEffects {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ effects: [AppliedStatement.Effect]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(effects.reduce(0) { $0 + $1.record.body.count + Self.mostBeside })
        for effect in effects {
            effect.urn.appendIndexBytes(to: &bytes)
            withUnsafeBytes(of: effect.record.history.count.bigEndian) { bytes.append(contentsOf: $0) }
            effect.record.history.head.withBytes { bytes.append(contentsOf: $0) }
            withUnsafeBytes(of: UInt32(effect.record.body.count).bigEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: effect.record.body)
        }
        self.bytes = bytes
    }

    /// Bytes beside a body.
    private static let mostBeside = 37 + 8 + Digest.byteCount + 4

    func all() throws -> [IndexedEffect] {
        var effects: [IndexedEffect] = []
        try forEach { urn, number, head, body in
            guard let urn = try URN.list(indexKeys: Array(bytes[urn])).first else { throw Self.damage }
            effects.append(IndexedEffect(urn: urn, number: number, head: head, body: Array(bytes[body])))
            return true
        }
        return effects
    }

    func urns() throws -> [URN] {
        var urns: [UInt8] = []
        try forEach { urn, _, _, _ in
            urns.append(contentsOf: bytes[urn])
            return true
        }
        return try URN.list(indexKeys: urns)
    }

    /// What the statement did to a record; `nil` if nothing.
    func effect(on urn: URN) throws -> IndexedEffect? {
        let wanted = urn.indexBytes
        var found: IndexedEffect?
        try forEach { key, number, head, body in
            guard bytes[key].elementsEqual(wanted) else { return true }
            found = IndexedEffect(urn: urn, number: number, head: head, body: Array(bytes[body]))
            return false
        }
        return found
    }

    private static var damage: DamagedColumn { DamagedColumn(column: "records") }

    private func forEach(
        _ take: (_ urn: Range<Int>, _ number: UInt64, _ head: Digest, _ body: Range<Int>) throws -> Bool
    ) throws {
        var place = 0
        while place < bytes.count {
            guard let length = URN.indexLength(kind: bytes[place]) else { throw Self.damage }
            let fixed = place + length
            let start = fixed + 8 + Digest.byteCount + 4
            guard start <= bytes.count, let head = Digest(bytes[(fixed + 8)..<(fixed + 8 + Digest.byteCount)]) else {
                throw Self.damage
            }
            let number = bytes[fixed..<(fixed + 8)].reduce(0) { $0 << 8 | UInt64($1) }
            let count = Int(bytes[(start - 4)..<start].reduce(0) { $0 << 8 | UInt32($1) })
            guard count <= bytes.count - start else { throw Self.damage }
            guard try take(place..<fixed, number, head, start..<(start + count)) else { return }
            place = start + count
        }
    }
}
