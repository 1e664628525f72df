import Synchronization
import Testing

@testable import ProvNode

@Suite("Threads for reading")
struct ReadingThreadsTests {
    @Test("Every read gets its own answer, and no more than so many run at once")
    func boundedAndRight() async throws {
        let threads = ReadingThreads("test.readers")
        let (running, most) = (Counter(), Counter())
        let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { group in
            for number in 0..<3_000 {
                group.addTask {
                    let answer = try await threads.run {
                        most.raise(to: running.add(1))
                        defer { running.add(-1) }
                        return number * 2
                    }
                    return (number, answer)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers == Dictionary(uniqueKeysWithValues: (0..<3_000).map { ($0, $0 * 2) }))
        #expect(most.value <= ReadingThreads.width)
        #expect(running.value == 0)
    }

    @Test func anErrorIsTheAnswer() async {
        struct Broken: Error {}
        await #expect(throws: Broken.self) { try await ReadingThreads("test.readers").run { throw Broken() } }
    }

    private final class Counter: Sendable {
        private let number = Mutex(0)

        var value: Int { number.withLock { $0 } }

        @discardableResult
        func add(_ step: Int) -> Int {
            number.withLock { number in
                number += step
                return number
            }
        }

        func raise(to value: Int) { number.withLock { $0 = max($0, value) } }
    }
}
