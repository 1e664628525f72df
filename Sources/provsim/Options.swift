import Glibc
import ProvChain

struct UsageError: Error {
    let message: String

    static let usage = """
        usage: provsim --seeds A..B [--scenario NAME] [--nodes N] [--heights N] [--jobs N] [--json] [--verbose]
        scenarios: \(Scenario.all.map(\.name).joined(separator: ", "))
        """
}

func exitProcess(_ code: Int32) -> Never { exit(code) }

/// What the command line asks for.
struct Options: Sendable {
    var seeds: ClosedRange<UInt64> = 1...100
    var scenario: Scenario?
    var nodes: Int?
    var heights: UInt64 = 100
    var jobs = 2
    var isJSON = false
    var isVerbose = false
    var planted: PlantedBug?

    init(_ arguments: [String]) throws(UsageError) {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--json": isJSON = true
            case "--verbose": isVerbose = true
            case "--help": throw UsageError(message: UsageError.usage)
            default:
                guard let value = rest.popFirst() else { throw UsageError(message: UsageError.usage) }
                try set(option, value)
            }
        }
    }

    private mutating func set(_ option: String, _ value: String) throws(UsageError) {
        switch option {
        case "--seeds":
            let ends = value.split(separator: ".").compactMap { UInt64($0) }
            guard let first = ends.first, let last = ends.last, first <= last, ends.count <= 2 else {
                throw UsageError(message: "--seeds wants A..B, not \(value)")
            }
            seeds = first...last
        case "--scenario":
            guard let named = Scenario.named(value) else { throw UsageError(message: UsageError.usage) }
            scenario = named
        case "--nodes": nodes = try Self.number(value, 4...50)
        case "--heights": heights = UInt64(try Self.number(value, 1...1_000_000))
        case "--jobs": jobs = try Self.number(value, 1...64)
        case "--plant":
            guard let bug = PlantedBug(rawValue: value) else {
                throw UsageError(
                    message: "bugs: \(PlantedBug.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            planted = bug
            #if !PLANTED_BUGS
                throw UsageError(message: "build with -Xswiftc -DPLANTED_BUGS to plant \(bug)")
            #endif
        default: throw UsageError(message: UsageError.usage)
        }
    }

    private static func number(_ value: String, _ range: ClosedRange<Int>) throws(UsageError) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw UsageError(message: "\(value) is not in \(range)")
        }
        return number
    }

    /// Seeds go round the scenarios.
    func scenario(for seed: UInt64) -> Scenario {
        var chosen = scenario ?? Scenario.all[Int(seed % UInt64(Scenario.all.count))]
        if let nodes { chosen.validators = nodes }
        return chosen
    }
}
