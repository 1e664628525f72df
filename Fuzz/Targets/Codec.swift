@testable import ProvChain

extension FuzzTarget {
    static let cbor = FuzzTarget("cbor", "CBOR values, the reader's single items, maps", atMost: 4_096) { bytes in
        Strictly.check(CBORValue.self, bytes)
        readItems(bytes)
        readMap(bytes)
    }

    /// Item after item by whatever reader the item's type suggests, and then by every other one: each either consumes
    /// something or throws, and nobody reads beyond the end.
    private static func readItems(_ bytes: [UInt8]) {
        var reader = CBORReader(bytes)
        // So many readers over each item of a huge input would measure this function and not the decoder.
        var left = 10_000
        while let type = reader.nextMajorType, left > 0 {
            left -= 1
            let start = reader.offset
            for method in 0..<methodCount where method != Int(type) {
                var other = reader
                try? read(&other, by: method)
                require(other.offset <= bytes.count, "a reader stands at \(other.offset) of \(bytes.count)")
            }
            guard (try? read(&reader, by: Int(type))) != nil else { return }
            require(reader.offset > start && reader.offset <= bytes.count, "an item of no bytes at \(start)")
            require(reader.bytes(since: start).count == reader.offset - start, "the bytes of the item at \(start)")
        }
    }

    /// A method of the reader: first those of the eight major types, then those that no type has for its own.
    private static let methodCount = 14

    private static func read(_ reader: inout CBORReader, by method: Int) throws(CBORError) {
        switch method {
        case 0: _ = try reader.uint()
        case 1: _ = try reader.int()
        case 2: _ = try reader.byteString()
        case 3: _ = try reader.text()
        case 4: _ = try reader.array()
        case 5: _ = try reader.mapHeader()
        case 6: _ = try reader.tag()
        case 7: if reader.isNull { try reader.null() } else { _ = try reader.bool() }
        case 8: _ = try reader.digest()
        case 9: _ = try reader.digests(atMost: 100)
        case 10: let _: [CBORValue] = try reader.list(atMost: 100)
        case 11: try reader.text(exactly: "provchain/chain/1")
        case 12: _ = try reader.byteString(count: 64)
        default: _ = try reader.uint(atMost: 1_000)
        }
    }

    private static func readMap(_ bytes: [UInt8]) {
        var reader = CBORReader(bytes)
        guard var map = try? CBORMapReader(&reader) else { return }
        var found = 0
        for key in [0, 1, 2, 3, 15, 24, 396, -1, -2, -3] as [Int64] {
            guard let isPresent = try? map.optionalKey(key, &reader) else { return }
            guard isPresent else { continue }
            found += 1
            guard (try? reader.value(CBORValue.self)) != nil else { return }
        }
        guard (try? map.finish(reader)) != nil, (try? reader.finish()) != nil else { return }
        guard case .map(let pairs)? = try? CBORValue(cbor: bytes) else {
            return require(false, "a map to the map reader only")
        }
        require(pairs.count == found, "\(found) keys to the map reader, \(pairs.count) in the value")
    }
}
