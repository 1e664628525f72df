import Glibc
import Testing

@testable import ProvNode

@Suite("Which processes of a network run")
struct TestnetSupervisorTests {
    private func running(_ count: Int = 2, restarts: Bool = true) -> TestnetSupervisor {
        var supervisor = TestnetSupervisor(count: count, restarts: restarts)
        _ = supervisor.handle(.begin)
        for node in 0..<count { _ = supervisor.handle(.ready(node)) }
        return supervisor
    }

    @Test("All are started, and told of once, when the last one is ready")
    func begin() {
        var supervisor = TestnetSupervisor(count: 2, restarts: true)
        #expect(supervisor.handle(.begin) == [.start(0), .start(1)])
        #expect(supervisor.handle(.ready(1)).isEmpty)
        #expect(supervisor.handle(.ready(1)).isEmpty)
        #expect(supervisor.handle(.ready(0)) == [.announce])
    }

    @Test("One that ends is started again after pauses that double up to a bound, and are short again later")
    func restart() {
        var supervisor = running()
        var pauses: [Int] = []
        for _ in 0..<7 {
            for case .pause(1, let seconds) in supervisor.handle(.ended(1, .signal(SIGKILL), seconds: 1)) {
                pauses.append(seconds)
            }
            #expect(supervisor.handle(.pauseOver(1)) == [.start(1)])
            #expect(supervisor.handle(.ready(1)) == [.tell(1, "is ready again")])
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30])
        #expect(
            supervisor.handle(.ended(1, .code(70), seconds: 60)) == [
                .tell(1, "ended with exit code 70; it is started again in 1 s"), .pause(1, seconds: 1),
            ])
    }

    @Test("Wrong usage and bad data do not mend, so such a node is not started again; the others go on")
    func unmendable() {
        var supervisor = running()
        #expect(
            supervisor.handle(.ended(0, .code(65), seconds: 1)) == [
                .tell(0, "ended with exit code 65; it is not started again")
            ])
        #expect(supervisor.handle(.pauseOver(0)).isEmpty)
        #expect(supervisor.handle(.ended(1, .code(64), seconds: 1)).last == .finish(code: 70))
    }

    @Test("Without restarts, the others go on until none is left")
    func noRestart() {
        var supervisor = running(restarts: false)
        #expect(
            supervisor.handle(.ended(0, .signal(SIGKILL), seconds: 1)) == [
                .tell(0, "was killed by signal 9; it is not started again")
            ])
        #expect(supervisor.handle(.stop) == [.terminate(1), .awaitGrace])
        #expect(supervisor.handle(.ended(1, .code(0), seconds: 1)) == [.finish(code: 70)])
    }

    @Test("A stop asks every one to stop; when all did in good order, the code is 0")
    func stop() {
        var supervisor = running()
        #expect(supervisor.handle(.stop) == [.terminate(0), .terminate(1), .awaitGrace])
        #expect(supervisor.handle(.ended(1, .code(0), seconds: 1)).isEmpty)
        #expect(supervisor.handle(.ready(0)).isEmpty)
        #expect(supervisor.handle(.ended(0, .signal(SIGTERM), seconds: 1)) == [.finish(code: 0)])
    }

    @Test("A stop while a node pauses does not start it again")
    func stopWhilePausing() {
        var supervisor = running(1)
        _ = supervisor.handle(.ended(0, .code(1), seconds: 1))
        #expect(supervisor.handle(.stop) == [.finish(code: 0)])
        #expect(supervisor.handle(.pauseOver(0)).isEmpty)
    }

    @Test("Who does not stop in time, or at a second request, is killed, and the code says so")
    func kill() {
        var late = running()
        _ = late.handle(.stop)
        _ = late.handle(.ended(0, .code(0), seconds: 1))
        #expect(late.handle(.graceOver) == [.kill(1)])
        #expect(late.handle(.ended(1, .signal(SIGKILL), seconds: 1)).last == .finish(code: 70))

        var impatient = running()
        _ = impatient.handle(.stop)
        #expect(impatient.handle(.stop) == [.kill(0), .kill(1)])
    }

    @Test("One that fails while it stops is told of, and the code says so")
    func failsWhileStopping() {
        var supervisor = running(1)
        _ = supervisor.handle(.stop)
        #expect(
            supervisor.handle(.ended(0, .code(74), seconds: 1)) == [
                .tell(0, "ended with exit code 74"), .finish(code: 70),
            ])
    }
}
