import CSecp256k1
import Dispatch
import ProvChain

/// How fast signatures are verified, beside plain calls of libsecp256k1 in the same run.
///
/// Every signature has a key and a message of its own, and no result is remembered.
struct VerifyBench {
    let count: Int
    let runs: Int

    /// For verification only; never changed after it was made, so threads may share it.
    private nonisolated(unsafe) static let context: OpaquePointer = {
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            preconditionFailure("libsecp256k1 has no memory for a context")
        }
        return context
    }()

    func run() async throws -> BenchReport {
        var report = BenchReport("verify")
        let samples = try (0..<count).map { try Sample(number: $0) }
        let checks = samples.map { SignatureCheck(key: $0.key, message: $0.message, signature: $0.signature) }
        let verifier = SignatureVerifier(workers: SystemCores.count)
        var (ours, parsed, parsing): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<runs {
            parsed.append(Double(count) / raw(samples, parsingKeys: false))
            parsing.append(Double(count) / raw(samples, parsingKeys: true))
            let start = ContinuousClock.now
            let verdicts = await verifier.verify(checks)
            ours.append(Double(count) / Stopwatch.seconds(since: start))
            precondition(verdicts.allSatisfy(\.self), "a good signature was refused")
        }
        let note = "\(count) ES256K signatures, distinct keys and messages, \(SystemCores.count) threads"
        report.results = [
            .init(
                "verifications_per_second", ours, note: note + "; limit: libsecp256k1 with parsed keys",
                limit: parsed.sorted()[runs / 2]),
            .init(
                "verifications_per_second", ours, note: note + "; limit: libsecp256k1 parsing each key",
                limit: parsing.sorted()[runs / 2]),
        ]
        return report
    }

    /// Plain calls of libsecp256k1 with parsed keys on all cores, in signatures a second: the median of three times.
    static func limit(count: Int) throws -> Double {
        let bench = VerifyBench(count: count, runs: 3)
        let samples = try (0..<count).map { try Sample(number: $0) }
        let rates = (0..<bench.runs).map { _ in Double(count) / bench.raw(samples, parsingKeys: false) }
        return rates.sorted()[bench.runs / 2]
    }

    private struct Sample: @unchecked Sendable {
        let key: PublicKey
        let keyBytes: [UInt8]
        let message: [UInt8]
        let signature: [UInt8]
        var parsed = secp256k1_pubkey()

        init(number: Int) throws {
            let seed = SHA256.hash(Array("verify \(number)".utf8)).bytes
            let secret = try SecretKey(algorithm: .es256k, secret: seed)
            key = secret.publicKey
            message = Array(repeating: UInt8(truncatingIfNeeded: number), count: 300) + seed
            signature = secret.sign(message)
            keyBytes = key.bytes
            precondition(
                secp256k1_ec_pubkey_parse(VerifyBench.context, &parsed, keyBytes, keyBytes.count) == 1)
        }
    }

    /// Seconds for all samples by plain calls on all cores.
    private func raw(_ samples: [Sample], parsingKeys: Bool) -> Double {
        let threads = SystemCores.count
        return Stopwatch.seconds {
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                for index in stride(from: thread, to: samples.count, by: threads) {
                    let sample = samples[index]
                    var key = sample.parsed
                    if parsingKeys {
                        _ = secp256k1_ec_pubkey_parse(
                            Self.context, &key, sample.keyBytes, sample.keyBytes.count)
                    }
                    var signature = secp256k1_ecdsa_signature()
                    _ = secp256k1_ecdsa_signature_parse_compact(
                        Self.context, &signature, sample.signature)
                    let verdict = secp256k1_ecdsa_verify(
                        Self.context, &signature, SHA256.hash(sample.message).bytes, &key)
                    precondition(verdict == 1, "libsecp256k1 refused a good signature")
                }
            }
        }
    }
}
