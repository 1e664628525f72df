import Glibc

/// Which of the processes of a network should run, as a value: events go in, effects come out.
///
/// A process that ends by itself is started again after a pause that doubles each time, and is short again once it
/// ran for a while. One that ended over wrong usage or bad data is not: that does not mend by itself.
struct TestnetSupervisor {
    /// How a process ended.
    enum Ending: Equatable {
        case code(Int32)
        case signal(Int32)

        /// As a process should end that was asked to: early in its start it has no handler of signals yet.
        var isClean: Bool { self == .code(0) || self == .signal(SIGTERM) }

        var sentence: String {
            switch self {
            case .code(let code): "ended with exit code \(code)"
            case .signal(let number): "was killed by signal \(number)"
            }
        }
    }

    enum Event: Equatable {
        case begin
        case ready(Int)
        /// - Parameter seconds: for how long it ran.
        case ended(Int, Ending, seconds: Double)
        case pauseOver(Int)
        /// SIGINT or SIGTERM.
        case stop
        /// ``graceSeconds`` after the stop.
        case graceOver
    }

    enum Effect: Equatable {
        case start(Int)
        case pause(Int, seconds: Int)
        case terminate(Int)
        case kill(Int)
        case awaitGrace
        case tell(Int, String)
        /// All are ready for the first time.
        case announce
        /// Every process is gone.
        case finish(code: Int32)
    }

    private enum State: Equatable {
        case starting, ready, pausing, gone

        var isRunning: Bool { self == .starting || self == .ready }
    }

    /// As long as systemd would wait by what the operators' guide says.
    static let graceSeconds = 60
    static let longestPauseSeconds = 30
    /// A process that ran as long as this gets the shortest pause.
    static let settledSeconds = 60.0
    static let internalError: Int32 = 70
    /// Wrong usage and bad data.
    private static let unmendable: Set<Int32> = [64, 65]

    private let restarts: Bool
    private var states: [State]
    private var pauses: [Int]
    private var isStopping = false
    private var isAnnounced = false
    private var code: Int32 = 0

    init(count: Int, restarts: Bool) {
        self.restarts = restarts
        states = Array(repeating: .gone, count: count)
        pauses = Array(repeating: 1, count: count)
    }

    func isReady(_ node: Int) -> Bool { states[node] == .ready }

    func isStarting(_ node: Int) -> Bool { states[node] == .starting }

    mutating func handle(_ event: Event) -> [Effect] {
        switch event {
        case .begin:
            states = states.map { _ in .starting }
            return states.indices.map { .start($0) }
        case .ready(let node): return becameReady(node)
        case .ended(let node, let ending, let seconds): return ended(node, ending, seconds)
        case .pauseOver(let node):
            guard states[node] == .pausing else { return [] }
            states[node] = .starting
            return [.start(node)]
        case .stop: return stop()
        case .graceOver:
            code = Self.internalError
            return running.map { .kill($0) }
        }
    }

    private var running: [Int] { states.indices.filter { states[$0].isRunning } }

    private mutating func becameReady(_ node: Int) -> [Effect] {
        guard states[node] == .starting, !isStopping else { return [] }
        states[node] = .ready
        if isAnnounced { return [.tell(node, "is ready again")] }
        guard states.allSatisfy({ $0 == .ready }) else { return [] }
        isAnnounced = true
        return [.announce]
    }

    private mutating func ended(_ node: Int, _ ending: Ending, _ seconds: Double) -> [Effect] {
        states[node] = .gone
        if isStopping {
            if !ending.isClean { code = Self.internalError }
            let words: [Effect] = ending.isClean ? [] : [.tell(node, ending.sentence)]
            return words + finished
        }
        let cannotMend: Bool
        if case .code(let code) = ending { cannotMend = Self.unmendable.contains(code) } else { cannotMend = false }
        guard restarts, !cannotMend else {
            code = Self.internalError
            return [.tell(node, ending.sentence + "; it is not started again")] + finished
        }
        if seconds >= Self.settledSeconds { pauses[node] = 1 }
        let pause = pauses[node]
        pauses[node] = min(2 * pause, Self.longestPauseSeconds)
        states[node] = .pausing
        return [.tell(node, ending.sentence + "; it is started again in \(pause) s"), .pause(node, seconds: pause)]
    }

    /// The second stop does not wait any more.
    private mutating func stop() -> [Effect] {
        if isStopping {
            code = Self.internalError
            return running.map { .kill($0) }
        }
        isStopping = true
        for node in states.indices where states[node] == .pausing { states[node] = .gone }
        return running.map { .terminate($0) } + (running.isEmpty ? finished : [.awaitGrace])
    }

    private var finished: [Effect] { states.allSatisfy { $0 == .gone } ? [.finish(code: code)] : [] }
}
