import ProvChain
import Testing

/// Project Wycheproof: the key agreement of the transport.
@Suite(.enabled(if: PublishedVectors.arePresent, PublishedVectors.absence))
struct TransportVectorTests {
    struct File: Decodable {
        struct Group: Decodable {
            let tests: [Case]
        }

        struct Case: Decodable {
            let tcId: Int
            let result: String
            let `public`: String
            let `private`: String
            let shared: String
        }

        let testGroups: [Group]
    }

    /// A shared secret of zero is refused with the key that makes it; every other one is as published.
    @Test func x25519() throws {
        let file: File = try PublishedVectors.decode("wycheproof/x25519_test.json")
        var agreed = 0
        var refused = 0
        for test in file.testGroups.flatMap(\.tests) {
            let shared = try hex(test.shared)
            if shared.allSatisfy({ $0 == 0 }) {
                #expect(test.result != "valid")
                #expect(throws: KeyError.smallOrder, "case \(test.tcId)") { try IdentityKey(bytes: hex(test.public)) }
                refused += 1
            } else {
                let key = try IdentitySecret(secret: hex(test.private))
                #expect(try key.sharedSecret(with: IdentityKey(bytes: hex(test.public))) == shared, "case \(test.tcId)")
                agreed += 1
            }
        }
        #expect(agreed > 0)
        print(
            "vectors: wycheproof x25519 \(agreed + refused) of \(agreed + refused): \(agreed) agree, \(refused) refused"
        )
    }
}
