import Dispatch
import Synchronization

/// One signature to check.
public struct SignatureCheck: Sendable {
    public let key: PublicKey
    public let message: [UInt8]
    /// SHA-256 of ``message``, if the caller has it: the id of a statement is just that.
    public let digest: Digest?
    public let signature: [UInt8]

    /// `digest`, if given, must be the SHA-256 of `message`; ES256K then does not hash again.
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

/// The signature core: checks batches of signatures on threads of its own.
///
/// Each worker is a serial queue. A batch lies in shared memory, and every worker takes the next few items
/// until none is left, so a slow worker delays nobody; per item there is one fraction of an atomic
/// addition, no allocation and no lock. Batches are served in the order in which they come.
///
/// No verdict is remembered. That each signature is verified once per node is the caller's work: its
/// mempool keeps what was verified. No key is remembered either, since a ``PublicKey`` already *is* the
/// parsed point; its owner remembers it (parsing x ‖ y took 124 ns, a verification 40 µs).
public final class SignatureVerifier: Sendable {
    /// A verifier has at most this many threads.
    public static let maximumWorkers = 256

    /// Items that a worker takes at a time, at most: some half a millisecond.
    static let maximumStep = 16

    public let workers: Int
    private let lanes: [DispatchQueue]
    private let nextLane = Atomic<Int>(0)

    /// `workers` threads, 1 to ``maximumWorkers``: as many as there are cores to be used.
    public init(workers: Int) {
        precondition((1...Self.maximumWorkers).contains(workers), "\(workers) workers")
        self.workers = workers
        lanes = (0..<workers).map { DispatchQueue(label: "provchain.signatures.\($0)", qos: .userInitiated) }
    }

    /// The verdicts, in the order of `batch`. The calling thread is free meanwhile.
    public func verify(_ batch: [SignatureCheck]) async -> [Bool] {
        if batch.isEmpty { return [] }
        return await withCheckedContinuation { continuation in
            start(batch) { continuation.resume(returning: $0) }
        }
    }

    /// One verdict, on a worker.
    public func verify(_ check: SignatureCheck) async -> Bool {
        await verify([check])[0]
    }

    /// The same on the calling thread alone: for tests, tools and simulations.
    public func verifySynchronously(_ batch: [SignatureCheck]) -> [Bool] {
        batch.map { $0.verify() }
    }

    /// Calls `finish` once, on a worker's thread, when all verdicts are there. `batch` is not empty.
    func start(_ batch: [SignatureCheck], finish: @escaping @Sendable ([Bool]) -> Void) {
        precondition(!batch.isEmpty, "an empty batch has no last item to finish it")
        let count = min(workers, batch.count)
        let work = BatchInProgress(batch, workers: count, finish: finish)
        // Small batches start at different lanes, so that they do not all wait for the first.
        let first = nextLane.add(count, ordering: .relaxed).oldValue
        for offset in 0..<count {
            lanes[Int(UInt(bitPattern: first &+ offset) % UInt(workers))].async { work.run() }
        }
    }
}

/// A batch while workers are at it.
private final class BatchInProgress: @unchecked Sendable {
    // Safe to share: `next` hands out each index once, and whoever reads `verdicts` has seen, by the last
    // decrement of `running`, everything that was written.
    private let checks: [SignatureCheck]
    private let verdicts: UnsafeMutableBufferPointer<Bool>
    private let step: Int
    private let next = Atomic<Int>(0)
    private let running: Atomic<Int>
    private let finish: @Sendable ([Bool]) -> Void

    init(_ checks: [SignatureCheck], workers: Int, finish: @escaping @Sendable ([Bool]) -> Void) {
        self.checks = checks
        self.finish = finish
        verdicts = .allocate(capacity: checks.count)
        verdicts.initialize(repeating: false)
        running = Atomic(workers)
        // A few turns for each worker even in a small batch, so that all end at about the same time.
        step = max(1, min(SignatureVerifier.maximumStep, checks.count / (workers * 4)))
    }

    deinit { verdicts.deallocate() }

    func run() {
        while true {
            let start = next.add(step, ordering: .relaxed).oldValue
            if start >= checks.count { break }
            for index in start..<min(start + step, checks.count) {
                verdicts[index] = checks[index].verify()
            }
        }
        if running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { finish(Array(verdicts)) }
    }
}
