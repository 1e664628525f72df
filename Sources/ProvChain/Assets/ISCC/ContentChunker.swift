/// Cuts a stream where its content says so, so that an insertion moves the cuts near it and no others
/// (ISO 24138:2024, Data-Code; the gear hash of FastCDC, Xia et al. 2016).
///
/// A rolling pattern takes in one byte after the other; a chunk ends where its low bits are all zero. Until a
/// chunk has its centre size two bits more must be zero than after it, which keeps sizes near 1,024 bytes.
/// Cuts do not depend on the pieces in which the stream arrives.
struct ContentChunker: Sendable {
    /// Bytes at the start of a chunk that are never looked at.
    static let minimumBytes = 256
    /// Where the second, easier mask takes over.
    static let centreBytes = 640
    static let maximumBytes = 8_192

    private static let maskBeforeCentre: UInt64 = 1 << 11 - 1
    private static let maskAfterCentre: UInt64 = 1 << 9 - 1

    /// The beginning of the chunk in progress, at most `maximumBytes` − 1.
    private var pending: [UInt8] = []
    private var pattern: UInt32 = 0

    /// Takes bytes and hands on every chunk that ends in them. The pointer is valid during the call only.
    mutating func update(_ bytes: UnsafeRawBufferPointer, onChunk: (UnsafeRawBufferPointer) -> Void) {
        GearTable.words.withUnsafeBufferPointer { words in
            // 256 words, never empty.
            let gear = words.baseAddress!
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                guard let end = cut(part, gear) else {
                    pending.append(contentsOf: part)
                    return
                }
                let chunk = UnsafeRawBufferPointer(rebasing: part.prefix(end))
                if pending.isEmpty {
                    onChunk(chunk)
                } else {
                    pending.append(contentsOf: chunk)
                    pending.withUnsafeBytes(onChunk)
                    pending.removeAll(keepingCapacity: true)
                }
                pattern = 0
                rest = rest.dropFirst(end)
            }
        }
    }

    /// Hands on what is left as the last chunk, if anything is.
    mutating func finish(onChunk: (UnsafeRawBufferPointer) -> Void) {
        if !pending.isEmpty { pending.withUnsafeBytes(onChunk) }
        pending = []
        pattern = 0
    }

    /// How many of `bytes` still belong to the chunk in progress; `nil` if all do and it goes on.
    @inline(__always)
    private mutating func cut(_ bytes: UnsafeRawBufferPointer, _ gear: UnsafePointer<UInt32>) -> Int? {
        let before = pending.count
        guard let base = bytes.baseAddress else { return nil }
        let start = max(Self.minimumBytes - before, 0)
        var rolling = UInt64(pattern)
        let centre = min(Self.centreBytes - before, bytes.count)
        if let end = Self.roll(base, start, centre, Self.maskBeforeCentre, gear, &rolling) { return end }
        let limit = min(Self.maximumBytes - before, bytes.count)
        if let end = Self.roll(base, max(start, centre), limit, Self.maskAfterCentre, gear, &rolling) { return end }
        pattern = UInt32(truncatingIfNeeded: rolling)
        return before + limit == Self.maximumBytes ? limit : nil
    }

    /// Takes in the bytes from `start` to `limit`, unless a chunk ends before: then where.
    ///
    /// One step is r ← ⌊r ÷ 2⌋ + g. Eight steps without a shift in between: with s = r + 2·g₁ + 4·g₂ + …, the
    /// pattern after j of them is ⌊s ÷ 2ʲ⌋, so that only additions wait for each other.
    @inline(__always)
    private static func roll(
        _ base: UnsafeRawPointer, _ start: Int, _ limit: Int, _ mask: UInt64, _ gear: UnsafePointer<UInt32>,
        _ rolling: inout UInt64
    ) -> Int? {
        var index = start
        var sum = rolling
        while index &+ 8 <= limit {
            let at = base + index
            @inline(__always) func take(_ step: UInt64) -> Bool {
                let byte = Int(at.load(fromByteOffset: Int(truncatingIfNeeded: step) &- 1, as: UInt8.self))
                sum = sum &+ UInt64(gear[byte]) &<< step
                return sum & (mask &<< step) == 0
            }
            if take(1) { return index &+ 1 }
            if take(2) { return index &+ 2 }
            if take(3) { return index &+ 3 }
            if take(4) { return index &+ 4 }
            if take(5) { return index &+ 5 }
            if take(6) { return index &+ 6 }
            if take(7) { return index &+ 7 }
            if take(8) { return index &+ 8 }
            sum = sum &>> 8
            index &+= 8
        }
        while index < limit {
            let byte = Int(base.load(fromByteOffset: index, as: UInt8.self))
            sum = sum &>> 1 &+ UInt64(gear[byte])
            index &+= 1
            if sum & mask == 0 { return index }
        }
        rolling = sum
        return nil
    }
}
