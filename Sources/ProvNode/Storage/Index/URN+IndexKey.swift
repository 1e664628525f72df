import Foundation
import ProvChain

/// The short form of a URN as the index stores it: one byte for the kind, the identifier's 32 bytes, and for a
/// version or a title its number in four bytes. The kind tells the length, so several can follow one another.
extension URN {
    var indexKey: Data { Data(indexBytes) }

    var indexBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + Digest.byteCount + 4)
        appendIndexBytes(to: &bytes)
        return bytes
    }

    func appendIndexBytes(to bytes: inout [UInt8]) {
        bytes.append(UInt8(kind.rawValue))
        identifier.withBytes { bytes.append(contentsOf: $0) }
        let number: UInt32? =
            switch self {
            case .version(_, let sequence): sequence
            case .title(_, let right): UInt32(right.rawValue)
            case .chain, .member, .party, .key, .work, .offer, .component, .statement: nil
            }
        if let number { withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
    }

    /// The bytes of the short form that begins with this one; `nil` if none does.
    static func indexLength(kind: UInt8) -> Int? {
        switch Kind(rawValue: UInt64(kind)) {
        case .version, .title: 1 + Digest.byteCount + 4
        case .chain, .member, .party, .key, .work, .offer, .component, .statement: 1 + Digest.byteCount
        case nil: nil
        }
    }

    /// Reads URNs in their short form, one after the other.
    static func list(indexKeys bytes: [UInt8]) throws -> [URN] {
        var rest = bytes[...]
        var urns: [URN] = []
        while !rest.isEmpty { urns.append(try next(&rest)) }
        return urns
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) throws -> URN {
        let damage = DamagedColumn(column: "urn")
        guard let first = rest.popFirst(), let kind = Kind(rawValue: UInt64(first)),
            let id = Digest(rest.prefix(Digest.byteCount))
        else { throw damage }
        rest.removeFirst(Digest.byteCount)
        let isNumbered = kind == .version || kind == .title
        guard !isNumbered || rest.count >= 4 else { throw damage }
        let number = isNumbered ? rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } : 0
        if isNumbered { rest.removeFirst(4) }
        let text = prefix + kind.name + ":" + id.hex + (isNumbered ? ":\(number)" : "")
        // The one spelling is checked in one place.
        guard let urn = URN(text) else { throw damage }
        return urn
    }
}
