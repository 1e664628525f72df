import AsyncHTTPClient
import Foundation
import NIOCore
import ProvChain
import UnixSignals

/// The processes of a network, driven by ``TestnetSupervisor``: carries its effects out and asks the nodes how they
/// are.
actor TestnetProcesses {
    private let file: TestnetFile
    private let homes: [NodeHome]
    private let console: TestnetConsole
    private var supervisor: TestnetSupervisor
    private var children: [ChildProcess?]
    private var started: [ContinuousClock.Instant]
    private var timers: [Task<Void, Never>] = []
    private let events: AsyncStream<TestnetSupervisor.Event>
    private let inputs: AsyncStream<TestnetSupervisor.Event>.Continuation

    private static let pollMilliseconds = 200
    private static let statusSeconds = 5

    init(folder: String, file: TestnetFile, restarts: Bool, console: TestnetConsole) {
        self.file = file
        self.console = console
        homes = file.nodes.indices.map { NodeHome("\(folder)/\($0 + 1)") }
        supervisor = TestnetSupervisor(count: file.nodes.count, restarts: restarts)
        children = Array(repeating: nil, count: file.nodes.count)
        started = Array(repeating: .now, count: file.nodes.count)
        (events, inputs) = AsyncStream.makeStream()
    }

    /// Runs until every process is gone; the exit code.
    func run() async throws -> Int32 {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let watchers = [
            Task { [inputs] in for await _ in signals { inputs.yield(.stop) } },
            Task { await self.watchReadiness() },
            Task { await self.watchStatus() },
        ]
        defer { for task in watchers + timers { task.cancel() } }
        inputs.yield(.begin)
        for await event in events {
            for effect in supervisor.handle(event) {
                if case .finish(let code) = effect { return code }
                try await perform(effect)
            }
        }
        preconditionFailure("the events of a network ended")
    }

    private func perform(_ effect: TestnetSupervisor.Effect) async throws {
        switch effect {
        case .start(let node): try start(node)
        case .pause(let node, let seconds): after(seconds, .pauseOver(node))
        case .terminate(let node): children[node]?.send(SIGTERM)
        case .kill(let node): children[node]?.send(SIGKILL)
        case .awaitGrace: after(TestnetSupervisor.graceSeconds, .graceOver)
        case .tell(let node, let sentence): console.tell("node \(node + 1) \(sentence)")
        case .announce: console.announce(file, identifiers: children.map { $0?.identifier ?? 0 })
        case .finish: break
        }
    }

    private func after(_ seconds: Int, _ event: TestnetSupervisor.Event) {
        timers.append(
            Task { [inputs] in
                try? await Task.sleep(for: .seconds(seconds))
                if !Task.isCancelled { inputs.yield(event) }
            })
    }

    private func start(_ node: Int) throws {
        let begin = ContinuousClock.now
        started[node] = begin
        children[node] = try ChildProcess(
            arguments: ["run", "--home", homes[node].path, "--until-input-ends"],
            environment: Self.environment(ProcessInfo.processInfo.environment)
        ) { [inputs, console] output in
            switch output {
            case .line(let line): console.log(node, line)
            case .ended(let ending):
                let seconds = (ContinuousClock.now - begin) / .seconds(1)
                inputs.yield(.ended(node, ending, seconds: seconds))
            }
        }
    }

    /// Without what would say the same to every node that must differ between them.
    static func environment(_ own: [String: String]) -> [String: String] {
        let different: Set = [
            "PROV_HOST", "PROV_PORT", "PROV_PUBLIC_URL", "PROV_PEER_HOST", "PROV_PEER_PORT", "PROV_PEERS", "PROV_APIS",
            "PROV_FAILPOINT",
        ]
        return own.filter { !different.contains($0.key) }
    }

    // MARK: How the nodes are

    private func watchReadiness() async {
        while !Task.isCancelled {
            for node in homes.indices where supervisor.isStarting(node) {
                // What a killed predecessor left behind has another process's number.
                guard let running = RunningFile.read(homes[node]), running.pid == children[node]?.identifier,
                    await Self.get(running.url + "/readyz") != nil
                else { continue }
                inputs.yield(.ready(node))
            }
            try? await Task.sleep(for: .milliseconds(Self.pollMilliseconds))
        }
    }

    private func watchStatus() async {
        guard console.isTerminal else { return }
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(Self.statusSeconds))
            var standings: [(height: UInt64, peers: Int)?] = []
            for node in homes.indices {
                guard supervisor.isReady(node), let body = await Self.get(file.nodes[node].url + "/api/v1/chain"),
                    let view = try? JSONDecoder().decode(ChainView.self, from: body)
                else {
                    standings.append(nil)
                    continue
                }
                standings.append((view.height, view.validators.count { $0.connected == true }))
            }
            console.status(standings)
        }
    }

    private static func get(_ url: String) async -> Data? {
        guard let answer = try? await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(2)),
            answer.status == .ok, let body = try? await answer.body.collect(upTo: 1 << 20)
        else { return nil }
        return Data(body.readableBytesView)
    }
}

/// What a running network prints: results on standard output, everything else on standard error.
struct TestnetConsole: Sendable {
    let json: Bool
    let isTerminal: Bool

    /// One line of a node's log.
    func log(_ node: Int, _ line: String) { Output.message("[\(node + 1)] \(line)") }

    func tell(_ sentence: String) { Output.message("testnet: \(sentence)") }

    func status(_ standings: [(height: UInt64, peers: Int)?]) {
        func row(_ value: ((height: UInt64, peers: Int)) -> String) -> String {
            standings.map { $0.map(value) ?? "-" }.joined(separator: " ")
        }
        tell("heights \(row { "\($0.height)" }), connected to \(row { "\($0.peers)" }) others")
    }

    private struct Running: Encodable {
        let member: String
        let url: String
        let peer: String
        let home: String
        let pid: Int32
    }

    func announce(_ file: TestnetFile, identifiers: [pid_t]) {
        if json {
            Output.json([
                "nodes": zip(file.nodes, identifiers).map {
                    Running(member: $0.member, url: $0.url, peer: $0.peer, home: $0.home, pid: $1)
                }
            ])
        } else {
            let width = file.nodes.map(\.member.count).max() ?? 0
            let urlWidth = file.nodes.map(\.url.count).max() ?? 0
            let rows = zip(file.nodes, identifiers).enumerated().map { place, row in
                let member = row.0.member.padding(toLength: width, withPad: " ", startingAt: 0)
                let url = row.0.url.padding(toLength: urlWidth, withPad: " ", startingAt: 0)
                return "  \(place + 1)  \(member)  \(url)  process \(row.1)"
            }
            print((["\(file.nodes.count) validators of \(file.origin) are ready:"] + rows).joined(separator: "\n"))
        }
        // Whoever reads this through a pipe waits for it.
        fflush(nil)
    }
}
