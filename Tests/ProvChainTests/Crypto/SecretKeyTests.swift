import ProvChain
import Testing

/// Signatures are the ones that RFC 6979 and RFC 8032 fix: the same key and message give the same bytes.
struct SecretKeyTests {
    static let one = [UInt8](repeating: 0, count: 31) + [1]

    /// Deterministic signatures of the key 1, as published with many libraries.
    @Test(arguments: [
        (
            "Satoshi Nakamoto",
            "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
                + "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"
        ),
        (
            "All those moments will be lost in time, like tears in rain. Time to die...",
            "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
                + "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"
        ),
    ])
    func es256k(message: String, signature: String) throws {
        let key = try SecretKey(algorithm: .es256k, secret: Self.one)
        #expect(try key.sign(Array(message.utf8)) == hex(signature))
        #expect(try key.publicKey.verify(signature: hex(signature), message: Array(message.utf8)))
    }

    /// RFC 8032 section 7.1, tests 1 and 2.
    @Test(arguments: [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
                + "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ])
    func edDSA(seed: String, publicKey: String, message: String, signature: String) throws {
        let key = try SecretKey(algorithm: .edDSA, secret: hex(seed))
        #expect(try key.publicKey.bytes == hex(publicKey))
        #expect(try key.sign(hex(message)) == hex(signature))
        #expect(try key.publicKey.verify(signature: hex(signature), message: hex(message)))
    }

    @Test func secretsOutOfRange() throws {
        let n = Secp256k1Order.n
        let one = Self.one
        #expect(throws: KeyError.secretOutOfRange) { try SecretKey(algorithm: .es256k, secret: n) }
        #expect(throws: KeyError.secretOutOfRange) {
            try SecretKey(algorithm: .es256k, secret: [UInt8](repeating: 0, count: 32))
        }
        let largest = try SecretKey(algorithm: .es256k, secret: Secp256k1Order.minus(n, one))
        // n - 1 is minus 1: the generator with the other y.
        #expect(try largest.publicKey.bytes == hex("03" + PublicKeyTests.generatorX))
        #expect(throws: KeyError.wrongLength(expected: [32], found: 33)) {
            try SecretKey(algorithm: .edDSA, secret: [0] + one)
        }
    }

    @Test func everySignatureIsLowAndVerifiesOnlyAsItIs() throws {
        for algorithm in SignatureAlgorithm.allCases {
            for seed in 1...20 as ClosedRange<UInt8> {
                let key = try SecretKey(algorithm: algorithm, secret: [UInt8](repeating: seed, count: 32))
                let message = [UInt8](repeating: seed, count: Int(seed))
                let signature = key.sign(message)
                #expect(signature.count == 64)
                #expect(key.publicKey.verify(signature: signature, message: message))
                #expect(
                    key.publicKey.verify(signature: signature, message: message, digest: SHA256.hash(message)))
                #expect(!key.publicKey.verify(signature: signature, message: message + [0]))
                #expect(!key.publicKey.verify(signature: signature + [0], message: message))
                #expect(!key.publicKey.verify(signature: signature.dropLast(), message: message))
                #expect(!key.publicKey.verify(signature: [], message: message))
                var flipped = signature
                flipped[Int(seed)] ^= 1
                #expect(!key.publicKey.verify(signature: flipped, message: message))
                if algorithm == .es256k {
                    #expect(Secp256k1Order.withLowS(signature) == signature)
                    let high = signature[..<32] + Secp256k1Order.minus(Secp256k1Order.n, Array(signature[32...]))
                    #expect(!key.publicKey.verify(signature: Array(high), message: message))
                }
            }
        }
    }

    @Test func theSecretComesOutAsItWentIn() throws {
        for algorithm in SignatureAlgorithm.allCases {
            let key = try SecretKey(algorithm: algorithm, secret: Self.one)
            #expect(key.withSecret { Array($0) } == Self.one)
        }
    }

    /// RFC 7748 section 6.1.
    @Test func identityKeys() throws {
        let alice = try IdentitySecret(secret: hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"))
        let bob = try IdentitySecret(secret: hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
        #expect(
            try alice.publicKey.bytes == hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"))
        let shared = try hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")
        #expect(alice.sharedSecret(with: bob.publicKey) == shared)
        #expect(bob.sharedSecret(with: alice.publicKey) == shared)
        let cose = try hex("a3 01 01 20 04 21 5820") + alice.publicKey.bytes
        #expect(alice.publicKey.cbor == cose)
        #expect(try IdentityKey(cbor: cose) == alice.publicKey)
        #expect(throws: KeyError.smallOrder) { try IdentityKey(bytes: [UInt8](repeating: 0, count: 32)) }
        #expect(throws: KeyError.smallOrder) { try IdentityKey(bytes: Self.one.reversed()) }
    }
}
