import Glibc
import Synchronization

/// A named place at which a test lets the process die as if the power had been cut.
///
/// `PROV_FAILPOINT=name:count` in the environment makes the `count`-th hit of `name` raise SIGKILL: no
/// handler runs, no buffer is flushed. It is compiled into every build, so that what is tested is what is
/// shipped, and it costs one comparison while the variable is unset. It is for tests only.
enum Failpoint {
    /// Dies here if this is the hit that the environment asks for.
    static func hit(_ name: String) {
        guard let armed, armed.name == name else { return }
        let hits = armed.hits.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        if hits == armed.count { raise(SIGKILL) }
    }

    /// True if the environment names this failpoint, for steps that must be cut in two to die in the middle.
    static func isArmed(_ name: String) -> Bool { armed?.name == name }

    /// What `PROV_FAILPOINT` asks for: a name and the number, from 1, of the hit that kills.
    static func parse(_ text: String) -> (name: String, count: Int)? {
        guard let colon = text.lastIndex(of: ":") else { return text.isEmpty ? nil : (text, 1) }
        guard let count = Int(text[text.index(after: colon)...]), count > 0, colon > text.startIndex else { return nil }
        return (String(text[..<colon]), count)
    }

    private final class Armed: Sendable {
        let name: String
        let count: Int
        let hits = Atomic<Int>(0)

        init(name: String, count: Int) {
            self.name = name
            self.count = count
        }
    }

    private static let armed: Armed? = {
        guard let value = getenv("PROV_FAILPOINT") else { return nil }
        let text = String(cString: value)
        // A misspelt failpoint would let a crash test pass without a crash.
        guard let (name, count) = parse(text) else {
            preconditionFailure("PROV_FAILPOINT is \"\(text)\", expected name:count")
        }
        return Armed(name: name, count: count)
    }()
}
