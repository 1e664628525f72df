import ProvChain
import Testing

/// Project Wycheproof: signatures that implementations got wrong.
@Suite(.enabled(if: PublishedVectors.arePresent, PublishedVectors.absence))
struct SignatureVectorTests {
    struct File: Decodable {
        let testGroups: [Group]
    }

    struct Group: Decodable {
        struct Key: Decodable {
            let uncompressed: String?
            let pk: String?
        }

        struct Case: Decodable {
            let tcId: Int
            let msg: String
            let sig: String
            let result: String
        }

        let publicKey: Key
        let tests: [Case]

        func key() throws -> PublicKey {
            if let pk = publicKey.pk { return try PublicKey(ed25519: hex(pk)) }
            let point = try hex(try #require(publicKey.uncompressed))
            return try PublicKey(secp256k1: Array(point.dropFirst()))
        }
    }

    @Test func ed25519() throws {
        let file: File = try PublishedVectors.decode("wycheproof/ed25519_test.json")
        var count = 0
        for group in file.testGroups {
            let key = try group.key()
            for test in group.tests {
                let verdict = try key.verify(signature: hex(test.sig), message: hex(test.msg))
                #expect(verdict == (test.result == "valid"), "case \(test.tcId)")
                count += 1
            }
        }
        #expect(count > 0)
        print("vectors: wycheproof ed25519 \(count) of \(count) as expected")
    }

    /// Signatures are r ‖ s. A valid one with high s is refused on purpose, and its low twin is taken.
    @Test func secp256k1Compact() throws {
        try check("ecdsa_secp256k1_sha256_p1363_test.json") { $0 }
    }

    /// Signatures are DER, made compact here by a strict parser.
    @Test func secp256k1DER() throws {
        try check("ecdsa_secp256k1_sha256_test.json", compact: DER.compact)
    }

    /// The file with Bitcoin's rule, low s, which is also ours: no exceptions.
    @Test func secp256k1Bitcoin() throws {
        let refused = try check("ecdsa_secp256k1_sha256_bitcoin_test.json", compact: DER.compact)
        #expect(refused == 0)
    }

    @discardableResult
    private func check(_ name: String, compact: ([UInt8]) -> [UInt8]?) throws -> Int {
        let file: File = try PublishedVectors.decode("wycheproof/" + name)
        var count = 0
        var highS = 0
        for group in file.testGroups {
            let key = try group.key()
            for test in group.tests {
                count += 1
                let message = try hex(test.msg)
                let signature = compact(try hex(test.sig))
                let verdict = signature.map { key.verify(signature: $0, message: message) } ?? false
                guard test.result == "valid" else {
                    #expect(!verdict, "\(name) case \(test.tcId)")
                    continue
                }
                let valid = try #require(signature, "\(name) case \(test.tcId)")
                let low = Secp256k1Order.withLowS(valid)
                #expect(verdict == (low == valid), "\(name) case \(test.tcId)")
                if low != valid {
                    highS += 1
                    #expect(key.verify(signature: low, message: message), "\(name) case \(test.tcId), low s")
                }
            }
        }
        #expect(count > 0)
        print("vectors: wycheproof \(name) \(count) of \(count) as expected; high s refused on purpose: \(highS)")
        return highS
    }
}

/// A strict reader of DER's SEQUENCE of two INTEGERs.
enum DER {
    /// r ‖ s, 64 bytes; `nil` for anything but the one encoding of two non-negative numbers that fit.
    static func compact(_ der: [UInt8]) -> [UInt8]? {
        guard der.count >= 2, der[0] == 0x30, der[1] < 0x80, Int(der[1]) == der.count - 2 else { return nil }
        var rest = der[2...]
        guard let r = integer(&rest), let s = integer(&rest), rest.isEmpty else { return nil }
        return r + s
    }

    private static func integer(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.count >= 2, rest.removeFirst() == 0x02 else { return nil }
        let count = Int(rest.removeFirst())
        guard count > 0, count < 0x80, count <= rest.count else { return nil }
        var digits = Array(rest.prefix(count))
        rest.removeFirst(count)
        guard digits[0] < 0x80 else { return nil }
        if digits.count > 1, digits[0] == 0 {
            guard digits[1] >= 0x80 else { return nil }
            digits.removeFirst()
        }
        guard digits.count <= 32 else { return nil }
        return [UInt8](repeating: 0, count: 32 - digits.count) + digits
    }
}

/// The order n of secp256k1's group.
enum Secp256k1Order {
    static let n = Hex.decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141") ?? []
    static let half = Hex.decode("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0") ?? []

    /// The same signature with n - s in place of an s above n / 2.
    static func withLowS(_ signature: [UInt8]) -> [UInt8] {
        let s = Array(signature[32...])
        guard half.lexicographicallyPrecedes(s) else { return signature }
        return Array(signature[..<32]) + minus(n, s)
    }

    static func minus(_ a: [UInt8], _ b: [UInt8]) -> [UInt8] {
        var result = a
        var borrow = 0
        for index in a.indices.reversed() {
            let difference = Int(a[index]) - Int(b[index]) - borrow
            result[index] = UInt8(truncatingIfNeeded: difference)
            borrow = difference < 0 ? 1 : 0
        }
        return result
    }
}
