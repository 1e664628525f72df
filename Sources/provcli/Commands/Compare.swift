import ArgumentParser
import ProvChain

struct Compare: Command {
    static let configuration = CommandConfiguration(
        abstract: "What two files have in common, computed offline. 离线比较两个文件。",
        discussion: """
            The verdict is "same-bytes", "same-components" (everything inside is equal), "shared-components" \
            (something is; a shared shape proves reuse, a shared material or a plain box does not), "none-shared", or \
            "unknown" if the inside of a file could not be read.

            Apart from that, "shape" tells whether the shapes look alike, and nothing else: the distance of the \
            wholes, and of the nearest parts. At most 60 is "near-certain", at most 120 "for-review": a person should \
            look. "generic" is likeness of boxes, spheres and other shapes that everybody makes. It is no proof of \
            copying. Exit code 1 if nothing is shared and the shapes do not look alike.

            Examples:
              provcli compare chair.glb copy.glb
              provcli compare chair.glb room.glb --json
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A file.") var first: String
    @Argument(help: "Another file.") var second: String

    enum Verdict: String {
        case sameBytes = "same-bytes"
        case sameComponents = "same-components"
        case sharedComponents = "shared-components"
        case noneShared = "none-shared"
        case unknown
    }

    func run(in context: Context) async throws {
        let (a, b) = (try Asset.model(first), try Asset.model(second))
        let sameBytes =
            try Asset.fingerprint(first, console: context.console)
            == Asset.fingerprint(second, console: context.console)
        let theirs = Set(b.fingerprint.components.map(\.leaf))
        let shared = a.fingerprint.components.filter { theirs.contains($0.leaf) }
        let verdict: Verdict
        if sameBytes {
            verdict = .sameBytes
        } else if a.fingerprint.structure != .verified || b.fingerprint.structure != .verified {
            verdict = .unknown
        } else if shared.isEmpty {
            verdict = .noneShared
        } else {
            let isSame = a.fingerprint.components.map(\.leaf) == b.fingerprint.components.map(\.leaf)
            verdict = isSame ? .sameComponents : .sharedComponents
        }
        let shape = PrintComparison(a.prints(), b.prints())
        let document: JSONValue = .object([
            "sameBytes": .bool(sameBytes), "sharedComponents": .array(shared.map { a.document($0) }),
            "components": .array([a, b].map { .number(Int64($0.fingerprint.components.count)) }),
            "structure": .array([.string(a.structure), .string(b.structure)]),
            "structureReasons": .array([a, b].map { .array($0.reasons.map { .string($0) }) }),
            "distance": shape.distance.map { .number(Int64($0)) } ?? .null, "shape": shape.document,
            "verdict": .string(verdict.rawValue),
        ])
        var lines: [Console.Line] = shared.map { Model.line($0) }
        lines.append(.init(verdict.rawValue))
        lines.append(.init(shape.text(in: context.console.language)))
        context.console.result(document, lines)
        for model in [a, b] {
            guard let reason = model.reason(in: context.console.language) else { continue }
            context.console.notice(.structureNotVerified, ["path": model.path, "reason": reason])
        }
        if verdict == .noneShared || verdict == .unknown, !shape.looksAlike { throw CLIError.answered(.no) }
    }
}
