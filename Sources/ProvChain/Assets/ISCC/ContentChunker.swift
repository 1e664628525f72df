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

    private static let maskBeforeCentre: UInt32 = 1 << 11 - 1
    private static let maskAfterCentre: UInt32 = 1 << 9 - 1

    /// The beginning of the chunk in progress, at most `maximumBytes` − 1.
    private var pending: [UInt8] = []
    private var pattern: UInt32 = 0

    /// Takes bytes and hands on every chunk that ends in them. The pointer is valid during the call only.
    mutating func update(_ bytes: UnsafeRawBufferPointer, onChunk: (UnsafeRawBufferPointer) -> Void) {
        GearTable.words.withUnsafeBufferPointer { gear in
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
    private mutating func cut(_ bytes: UnsafeRawBufferPointer, _ gear: UnsafeBufferPointer<UInt32>) -> Int? {
        let before = pending.count
        var index = max(Self.minimumBytes - before, 0)
        var rolling = pattern
        let centre = min(Self.centreBytes - before, bytes.count)
        while index < centre {
            rolling = rolling &>> 1 &+ gear[Int(bytes[index])]
            index &+= 1
            if rolling & Self.maskBeforeCentre == 0 { return index }
        }
        let end = min(Self.maximumBytes - before, bytes.count)
        while index < end {
            rolling = rolling &>> 1 &+ gear[Int(bytes[index])]
            index &+= 1
            if rolling & Self.maskAfterCentre == 0 { return index }
        }
        pattern = rolling
        return before + end == Self.maximumBytes ? end : nil
    }
}
