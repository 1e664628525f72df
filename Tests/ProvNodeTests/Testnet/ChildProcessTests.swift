import Glibc
import Testing

@testable import ProvNode

@Suite("A process with its output line by line", .timeLimit(.minutes(1)))
struct ChildProcessTests {
    private func run(
        _ script: String, environment: [String: String] = [:], _ meanwhile: (ChildProcess) -> Void = { _ in }
    ) async throws -> (lines: [String], ending: TestnetSupervisor.Ending) {
        let (outputs, continuation) = AsyncStream<ChildProcess.Output>.makeStream()
        let child = try ChildProcess(
            program: "/bin/sh", arguments: ["-c", script], environment: environment
        ) { continuation.yield($0) }
        meanwhile(child)
        var lines: [String] = []
        for await output in outputs {
            switch output {
            case .line(let line): lines.append(line)
            case .ended(let ending):
                withExtendedLifetime(child) {}
                return (lines, ending)
            }
        }
        preconditionFailure("the outputs ended without an ending")
    }

    @Test("Both of its outputs come in lines, the last one without an end too, then its exit code")
    func lines() async throws {
        let (lines, ending) = try await run("echo one; echo two >&2; echo; printf three; exit 65")
        #expect(lines == ["one", "two", "", "three"])
        #expect(ending == .code(65))
    }

    @Test("A line without end is cut, not kept")
    func longLine() async throws {
        let bytes = 2 * ChildProcess.lineBytes + 1
        let (lines, _) = try await run("head -c \(bytes) /dev/zero | tr '\\0' x")
        #expect(lines.map(\.utf8.count) == [ChildProcess.lineBytes, ChildProcess.lineBytes, 1])
    }

    @Test("Its environment is what it was given, and nothing else of this process")
    func environment() async throws {
        let (lines, _) = try await run("echo $PROV_A-$HOME-", environment: ["PROV_A": "b c"])
        #expect(lines == ["b c--"])
    }

    @Test("It gets signals as if it were started from a shell")
    func signals() async throws {
        let (_, ending) = try await run("read never") { $0.send(SIGTERM) }
        #expect(ending == .signal(SIGTERM))
    }

    @Test("Its input ends when nobody here holds it any more")
    func lifeline() async throws {
        let (outputs, continuation) = AsyncStream<ChildProcess.Output>.makeStream()
        var child: ChildProcess? = try ChildProcess(
            program: "/bin/sh", arguments: ["-c", "echo up; cat; exit 7"], environment: [:]
        ) { continuation.yield($0) }
        for await output in outputs {
            switch output {
            case .line(let line):
                #expect(line == "up" && child != nil)
                child = nil
            case .ended(let ending):
                #expect(ending == .code(7))
                return
            }
        }
    }
}
