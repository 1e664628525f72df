import Testing

@testable import ProvChain

/// Project Wycheproof: XChaCha20-Poly1305 opens what is valid and nothing else.
@Suite(.enabled(if: PublishedVectors.arePresent, PublishedVectors.absence))
struct AEADTests {
    struct File: Decodable {
        struct Group: Decodable {
            let tests: [Case]
        }

        struct Case: Decodable {
            let tcId: Int
            let result: String
            let key, iv, aad, msg, ct, tag: String
        }

        let testGroups: [Group]
    }

    @Test func xchacha20Poly1305() throws {
        let file: File = try PublishedVectors.decode("wycheproof/xchacha20_poly1305_test.json")
        let tests = file.testGroups.flatMap(\.tests)
        for test in tests {
            let (key, nonce, associated) = (try hex(test.key), try hex(test.iv), try hex(test.aad))
            let (plain, sealed) = (try hex(test.msg), try hex(test.ct + test.tag))
            let opened = AEAD.open(sealed, associated: associated, nonce: nonce, key: key)
            if test.result == "valid" {
                #expect(opened == plain, "case \(test.tcId)")
                #expect(AEAD.seal(plain, associated: associated, nonce: nonce, key: key) == sealed, "case \(test.tcId)")
            } else {
                #expect(opened == nil, "case \(test.tcId)")
            }
        }
        #expect(!tests.isEmpty)
        print("vectors: wycheproof xchacha20-poly1305 \(tests.count) of \(tests.count) as expected")
    }
}
