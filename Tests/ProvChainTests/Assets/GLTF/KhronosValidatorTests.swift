import Foundation
import ProvChain
import Testing

/// The Khronos validator's own test files, with the reports it is expected to give.
@Suite(.enabled(if: AssetFiles.arePresent, PublishedVectors.absence))
struct KhronosValidatorTests {
    struct Report: Decodable {
        struct Issues: Decodable {
            struct Message: Decodable {
                let code: String
                let severity: Int
            }
            let numErrors: Int
            let messages: [Message]
        }
        let issues: Issues
    }

    /// Files on whose validity we differ, and why. Nothing else may differ, and none of these may agree.
    static let verdictDifferences: [String: String] = [
        "buffer/non_relative_uri.gltf": "an address of the network is an error here, and a warning there"
    ]

    /// Files where our error codes are not exactly the expected ones, and why.
    static let codeDifferences: [String: String] = [
        "buffer/non_relative_uri.gltf": "an address of the network is an error here, and a warning there",
        "glb/two_empty_json_chunks.glb": "with a broken container the JSON is not read",
        "json/empty_file.gltf": "the kind of a file is told by its bytes, not its name; no bytes are a broken GLB",
        "mesh/empty_object.gltf": "the numbers of morph targets are compared although some are malformed",
        "mesh_data/joints_weights_complex.gltf": "weights that are negative or of absent joints count in the sum",
    ]

    struct Verdict {
        let name: String
        let ours, theirs: Set<String>

        var agrees: Bool { ours.isEmpty == theirs.isEmpty }
        var folder: String { name.split(separator: "/").first.map(String.init) ?? "" }
    }

    private func verdicts() throws -> [Verdict] {
        try AssetFiles.paths(AssetFiles.validator, ".report.json").map { path in
            let name = String(path.dropLast(".report.json".count))
            let report = try JSONDecoder().decode(
                Report.self, from: Data(contentsOf: AssetFiles.validator.appendingPathComponent(path)))
            let file = AssetFiles.validator.appendingPathComponent(name)
            let found = readGLTF(
                try AssetFiles.bytes(AssetFiles.validator, name), resolve: AssetFiles.resolver(file))
            #expect(!found.overBudget, "\(name)")
            let theirs = Set(report.issues.messages.filter { $0.severity == 0 }.map(\.code))
            #expect(theirs.isEmpty == (report.issues.numErrors == 0), "\(name)")
            return Verdict(
                name: name, ours: Set(found.issues.filter { $0.severity == .error }.map(\.code.rawValue)),
                theirs: theirs)
        }
    }

    @Test func verdictsAgree() throws {
        let verdicts = try verdicts()
        let differ = verdicts.filter { !$0.agrees }.map(\.name)
        let codes = verdicts.filter { $0.ours != $0.theirs }
        for verdict in codes where Self.codeDifferences[verdict.name] == nil {
            print(
                "codes differ: \(verdict.name): missing \(verdict.theirs.subtracting(verdict.ours).sorted()),",
                "surplus \(verdict.ours.subtracting(verdict.theirs).sorted())")
        }
        print(
            "vectors: Khronos glTF validator \(verdicts.count) files",
            "(\(verdicts.count { $0.theirs.isEmpty }) valid there):",
            "\(verdicts.count - differ.count) verdicts agree,",
            "\(verdicts.count - codes.count) with exactly the same error codes")
        #expect(verdicts.count == 263)
        #expect(differ == Self.verdictDifferences.keys.sorted())
        #expect(codes.map(\.name) == Self.codeDifferences.keys.sorted())
    }

    // MARK: The table in docs/formats-gltf.md

    static let document = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/formats-gltf.md")
    static let start = "<!-- Written by the command above. -->\n"
    static let end = "<!-- End of what is written. -->"

    /// What the document says is what was found.
    @Test func theDocumentHasTheTable() throws {
        let text = try String(contentsOf: Self.document, encoding: .utf8)
        let start = try #require(text.range(of: Self.start))
        let end = try #require(text.range(of: Self.end))
        let table = Self.table(try verdicts())
        if ProcessInfo.processInfo.environment["PROV_WRITE_DOCS"] == "1" {
            try (text[..<start.upperBound] + table + text[end.lowerBound...]).write(
                to: Self.document, atomically: true, encoding: .utf8)
        } else {
            #expect(String(text[start.upperBound..<end.lowerBound]) == table)
        }
    }

    private static func table(_ verdicts: [Verdict]) -> String {
        func row(_ name: String, _ part: [Verdict]) -> String {
            let counts = [
                part.count, part.count { $0.theirs.isEmpty }, part.count { $0.agrees },
                part.count { $0.ours == $0.theirs },
            ]
            return "| \(name) | " + counts.map(String.init).joined(separator: " | ") + " |\n"
        }
        var text = "\n| test files | files | valid there | same verdict | same error codes |\n|---|---|---|---|---|\n"
        for folder in Set(verdicts.map(\.folder)).sorted() {
            text += row("`\(folder)`", verdicts.filter { $0.folder == folder })
        }
        text += row("all", verdicts)
        text += "\nWhere we differ:\n\n| file | missing here | only here | why |\n|---|---|---|---|\n"
        for verdict in verdicts where verdict.ours != verdict.theirs {
            func list(_ codes: Set<String>) -> String { codes.sorted().map { "`\($0)`" }.joined(separator: ", ") }
            text += "| `\(verdict.name)` | \(list(verdict.theirs.subtracting(verdict.ours))) "
            text += "| \(list(verdict.ours.subtracting(verdict.theirs))) | "
            text += "\(codeDifferences[verdict.name] ?? "unexplained") |\n"
        }
        let seen = Set(verdicts.flatMap(\.theirs))
        let ours = Set(verdicts.flatMap(\.ours))
        text += "\nOf the \(seen.count) error codes that these files are expected to raise, "
        text += "\(seen.intersection(ours).count) were raised here.\n\n"
        func list(_ codes: some Sequence<IssueCode>) -> String {
            codes.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        }
        text += "Errors refuse the file, except these, which leave no doubt what it holds; they come with the asset: "
        text += list(IssueCode.allCases.filter(IssueCode.tolerated.contains)) + ".\n\n"
        text += "All codes (`PROV_` marks our own): " + list(IssueCode.allCases) + ".\n\n"
        return text
    }
}
