import ProvChain
import Testing

/// A key proves its own enrolment, for one chain, one party and one purpose.
struct ProofOfPossessionTests {
    static let chain = Array("example.org/log".utf8)

    @Test func theSignedBytesAreFixed() throws {
        let party = try #require(Digest([UInt8](repeating: 0x11, count: 32)))
        let key = try PublicKey(ed25519: hex(PublicKeyTests.edKey))
        let golden = """
            85 76 70726f76636861696e2f706f7373657373696f6e2f31
            4f 6578616d706c652e6f72672f6c6f67
            5820 1111111111111111111111111111111111111111111111111111111111111111
            11
            5828 a3 01 01 20 06 21 5820 \(PublicKeyTests.edKey)
            """
        let message = ProofOfPossession.message(chain: Self.chain, party: party, purpose: .vote, key: key)
        #expect(try message == hex(golden))
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func aProofHoldsForNothingElse(algorithm: SignatureAlgorithm) throws {
        let key = try SecretKey(algorithm: algorithm, secret: [UInt8](repeating: 3, count: 32))
        let other = try SecretKey(algorithm: algorithm, secret: [UInt8](repeating: 4, count: 32)).publicKey
        let party = SHA256.hash([1])
        let proof = ProofOfPossession.prove(chain: Self.chain, party: party, purpose: .sign, key: key)
        func verify(_ chain: [UInt8], _ party: Digest, _ purpose: KeyPurpose, _ key: PublicKey) -> Bool {
            ProofOfPossession.verify(proof, chain: chain, party: party, purpose: purpose, key: key)
        }
        #expect(verify(Self.chain, party, .sign, key.publicKey))
        #expect(!verify(party.bytes, party, .sign, key.publicKey))
        #expect(!verify(Self.chain, .zero, .sign, key.publicKey))
        #expect(!verify(Self.chain, party, .sign, other))
        for purpose in KeyPurpose.allCases where purpose != .sign {
            #expect(!verify(Self.chain, party, purpose, key.publicKey))
        }
    }

    @Test func purposesKeepTheirNumbers() {
        #expect(KeyPurpose.allCases.map(\.rawValue) == [1, 2, 3, 16, 17, 18, 19])
        #expect(KeyPurpose.cosign.rawValue == 19)
    }
}
