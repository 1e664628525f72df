import ProvChain
import Synchronization
import Testing

/// Verdicts come in the order of the batch, whoever works on it and however many batches there are.
struct SignatureVerifierTests {
    /// `count` checks by `keys` keys of both algorithms; every third is spoiled, each in another way.
    static func batch(_ count: Int, keys: Int = 4) throws -> (checks: [SignatureCheck], expected: [Bool]) {
        let keys = try (1...keys).map { number in
            try SecretKey(
                algorithm: number.isMultiple(of: 2) ? .es256k : .edDSA,
                secret: [UInt8](repeating: UInt8(number), count: 32))
        }
        var checks: [SignatureCheck] = []
        var expected: [Bool] = []
        for index in 0..<count {
            let key = keys[index % keys.count]
            let message = Array("message \(index)".utf8)
            var signature = key.sign(message)
            var signer = key.publicKey
            var digest: Digest? = index.isMultiple(of: 2) ? SHA256.hash(message) : nil
            if index % 3 == 2 {
                switch index % 4 {
                case 0: signature[index % 64] ^= 0x40
                case 1: signature.removeLast()
                case 2: signer = keys[(index + 1) % keys.count].publicKey
                default:
                    signature = key.sign(message + [0])
                    digest = nil
                }
            }
            checks.append(SignatureCheck(key: signer, message: message, digest: digest, signature: signature))
            expected.append(index % 3 != 2)
        }
        return (checks, expected)
    }

    @Test(arguments: [1, 2, 3, 8])
    func goodAndBadTogether(workers: Int) async throws {
        let verifier = SignatureVerifier(workers: workers)
        for count in [1, 2, 3, 7, 64, 301] {
            let (checks, expected) = try Self.batch(count)
            #expect(await verifier.verify(checks) == expected)
            #expect(verifier.verifySynchronously(checks) == expected)
        }
    }

    @Test func anEmptyBatchHasNoVerdicts() async {
        let verifier = SignatureVerifier(workers: 2)
        #expect(await verifier.verify([]) == [])
        #expect(verifier.verifySynchronously([]) == [])
    }

    @Test func manyBatchesAtOnce() async throws {
        let verifier = SignatureVerifier(workers: 2)
        let (checks, expected) = try Self.batch(40)
        await withTaskGroup(of: Bool.self) { group in
            for start in 0..<40 {
                group.addTask {
                    let verdicts = await verifier.verify(Array(checks[start...]))
                    let single = await verifier.verify(checks[start])
                    return verdicts == Array(expected[start...]) && single == expected[start]
                }
            }
            for await agrees in group { #expect(agrees) }
        }
    }
}
