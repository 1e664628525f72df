extension VoteJournal {
    /// What two copies of a journal amount to.
    public enum Recovery: Hashable, Sendable {
        /// The validator never voted; a new journal may begin.
        case fresh
        /// `bytes` is what both copies must hold before the next vote. `repaired` frames were in one copy only;
        /// `cut` bytes at the end were of no whole frame.
        case recovered([Record], bytes: [UInt8], repaired: Int, cut: Int)
        /// The key must not vote again: nobody knows what it said.
        case lost(Loss)
    }

    public enum Loss: Hashable, Sendable, CustomStringConvertible {
        case missing
        /// Another chain's or key's.
        case foreign
        /// Record `number` is in neither copy, and later ones are.
        case damaged(number: UInt64)
        /// A whole frame that this program cannot read.
        case unreadable(number: UInt64, CBORError)

        public var description: String {
            switch self {
            case .missing: "there is no vote journal, and this key has voted: rotate the vote key by statement"
            case .foreign: "the vote journal belongs to another chain or key: put the right one back"
            case .damaged(let number):
                "both copies of the vote journal are damaged at record \(number), before their end: "
                    + "rotate the vote key by statement"
            case .unreadable(let number, let error):
                "record \(number) of the vote journal is of a later version or not a record (\(error))"
            }
        }
    }

    /// - Parameters:
    ///   - copies: the two files, in either order; `nil` if there is none.
    ///   - hasVoted: false only if this key cannot have voted yet.
    public static func recover(
        _ copies: [[UInt8]?], chain: Digest, key: Digest, hasVoted: Bool
    ) -> Recovery {
        // The planted mistake: the first copy alone, and whatever is missing in it was never there.
        let isHasty = Planted.has(.tornTailAccepted)
        let scans = (isHasty ? Array(copies.prefix(1)) : copies).map { scan($0 ?? []) }
        if scans.allSatisfy({ $0.payloads.isEmpty }) { return hasVoted ? .lost(.missing) : .fresh }
        var records: [Record] = []
        var bytes: [UInt8] = []
        var repaired = 0
        var number: UInt64 = 0
        while true {
            let found = scans.compactMap { $0.payloads[number] }
            guard let payload = found.first else { break }
            if found.count < scans.count { repaired += 1 }
            do throws(CBORError) {
                let record = try Record(cbor: payload)
                records.append(record)
                bytes += frame(record, sequence: number)
            } catch {
                return .lost(.unreadable(number: number, error))
            }
            number += 1
        }
        let isDamaged = scans.contains { scan in scan.payloads.keys.contains { $0 > number } }
        if isDamaged, !isHasty { return .lost(.damaged(number: number)) }
        guard case .owner(let ownChain, let ownKey)? = records.first, ownChain == chain, ownKey == key else {
            return .lost(records.isEmpty ? .damaged(number: 0) : .foreign)
        }
        let cut = scans.reduce(0) { $0 + $1.stray }
        return .recovered(Array(records.dropFirst()), bytes: bytes, repaired: repaired, cut: cut)
    }

    /// Every whole frame of a copy, wherever it stands, and how many bytes belong to none.
    static func scan(_ bytes: [UInt8]) -> (payloads: [UInt64: [UInt8]], stray: Int) {
        var payloads: [UInt64: [UInt8]] = [:]
        var (offset, stray) = (0, 0)
        while offset < bytes.count {
            // Between steps there are zeros up to the next block of the disk.
            if bytes[offset] == mark[0], let frame = frame(in: bytes, at: offset) {
                payloads[frame.sequence] = frame.payload
                offset = frame.end
            } else {
                stray += 1
                offset += 1
            }
        }
        return (payloads, stray)
    }
}
