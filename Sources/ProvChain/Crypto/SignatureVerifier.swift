/// One signature to check.
public struct SignatureCheck: Sendable {
    public let key: PublicKey
    public let message: [UInt8]
    /// SHA-256 of ``message``, if the caller has it: the id of a statement is just that.
    public let digest: Digest?
    public let signature: [UInt8]

    /// `digest`, if given, must be the SHA-256 of `message`; ES256K then does not look at the message, which may
    /// be left empty.
    public init(key: PublicKey, message: [UInt8], digest: Digest? = nil, signature: [UInt8]) {
        self.key = key
        self.message = message
        self.digest = digest
        self.signature = signature
    }

    /// The verdict, on the calling thread.
    @inline(__always)
    public func verify() -> Bool {
        if let digest { return key.verify(signature: signature, message: message, digest: digest) }
        return key.verify(signature: signature, message: message)
    }
}

/// The signature core: checks batches of signatures on threads of its own (``WorkerPool``).
///
/// No verdict is remembered. That each signature is verified once per node is the caller's work: its
/// mempool keeps what was verified. No key is remembered either, since a ``PublicKey`` already *is* the
/// parsed point; its owner remembers it (parsing x ‖ y took 124 ns, a verification 40 µs).
public final class SignatureVerifier: Sendable {
    /// The threads, for whoever has more to do with each statement than to check its signature.
    public let pool: WorkerPool

    public var workers: Int { pool.workers }

    /// `workers` threads, 1 to ``WorkerPool/maximumWorkers``: as many as there are cores to be used.
    public init(workers: Int, _ urgency: WorkerPool.Urgency = .prompt) {
        pool = WorkerPool("provchain.signatures", workers: workers, urgency)
    }

    /// The verdicts, in the order of `batch`. The calling thread is free meanwhile.
    public func verify(_ batch: [SignatureCheck]) async -> [Bool] {
        await pool.map(count: batch.count) { batch[$0].verify() }
    }

    /// One verdict, on a worker.
    public func verify(_ check: SignatureCheck) async -> Bool {
        await pool.map(count: 1) { _ in check.verify() }[0]
    }

    /// The same on the calling thread alone: for tests, tools and simulations.
    public func verifySynchronously(_ batch: [SignatureCheck]) -> [Bool] {
        batch.map { $0.verify() }
    }
}
