import ProvChain
import Testing

/// RFC 8949, appendix A: every example either is in our profile, and survives unchanged, or is refused
/// for the reason that the profile gives.
@Suite(.enabled(if: PublishedVectors.arePresent, PublishedVectors.absence))
struct CBORVectorTests {
    struct Vector: Decodable {
        let hex: String
        let roundtrip: Bool
        let decoded: JSON?
    }

    /// The examples' values, as far as JSON can tell them.
    enum JSON: Decodable, Equatable {
        case null, other
        case bool(Bool)
        case unsigned(UInt64)
        case signed(Int64)
        case text(String)
        case list([JSON])
        case object([String: JSON])

        init(from decoder: any Decoder) throws {
            let box = try decoder.singleValueContainer()
            if box.decodeNil() {
                self = .null
            } else if let value = try? box.decode(Bool.self) {
                self = .bool(value)
            } else if let value = try? box.decode(UInt64.self) {
                self = .unsigned(value)
            } else if let value = try? box.decode(Int64.self) {
                self = .signed(value)
            } else if let value = try? box.decode(String.self) {
                self = .text(value)
            } else if let value = try? box.decode([JSON].self) {
                self = .list(value)
            } else if let value = try? box.decode([String: JSON].self) {
                self = .object(value)
            } else {
                self = .other
            }
        }

        func matches(_ value: CBORValue) -> Bool {
            switch (self, value) {
            case (.null, .null), (.other, _): true
            case (.bool(let a), .bool(let b)): a == b
            case (.unsigned(let a), .unsigned(let b)): a == b
            case (.signed(let a), .negative(let b)): a < 0 && UInt64(-1 - a) == b
            case (.text(let a), .text(let b)): a == b
            case (.list(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.matches($1) }
            case (.object(let a), .map(let b)):
                a.count == b.count
                    && b.allSatisfy { pair in
                        guard case .text(let key) = pair.key else { return false }
                        return a[key]?.matches(pair.value) ?? false
                    }
            // A bignum is tagged bytes to us, and a number too large for JSON's integers to the file.
            case (_, .tagged), (_, .negative): true
            default: false
            }
        }
    }

    /// Why the profile refuses an example; `nil` if it does not.
    func refusal(of vector: Vector) throws -> CBORError.Kind? {
        let bytes = try hex(vector.hex)
        switch bytes[0] {
        case 0xf9, 0xfa, 0xfb: return .floatNotAllowed
        case 0xf7, 0xf0: return .reservedValue(bytes[0] & 31)
        case 0xf8: return .reservedValue(24)
        case 0xc1 where bytes[1] == 0xfb: return .floatNotAllowed
        // Floats with a small value appear inside no example; lengths left open do.
        default: return vector.roundtrip ? nil : .indefiniteLength
        }
    }

    @Test func appendixA() throws {
        let vectors: [Vector] = try PublishedVectors.decode("cbor/appendix_a.json")
        var accepted = 0
        var refused = 0
        for vector in vectors {
            let bytes = try hex(vector.hex)
            if let kind = try refusal(of: vector) {
                let error = #expect(throws: CBORError.self, "\(vector.hex)") { try CBORValue(cbor: bytes) }
                #expect(error?.kind == kind, "\(vector.hex)")
                refused += 1
            } else {
                let value = try CBORValue(cbor: bytes)
                #expect(value.cbor == bytes, "\(vector.hex)")
                if let decoded = vector.decoded { #expect(decoded.matches(value), "\(vector.hex)") }
                accepted += 1
            }
        }
        #expect(accepted + refused == 82)
        print("vectors: RFC 8949 appendix A \(vectors.count): \(accepted) unchanged, \(refused) refused as expected")
    }
}
