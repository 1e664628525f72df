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

    @Test func verdictsAgree() throws {
        var (agree, sameCodes, valid) = (0, 0, 0)
        var differ: [String] = []
        var codes: [String] = []
        let reports = try AssetFiles.paths(AssetFiles.validator, ".report.json")
        for path in reports {
            let name = String(path.dropLast(".report.json".count))
            let report = try JSONDecoder().decode(
                Report.self, from: Data(contentsOf: AssetFiles.validator.appendingPathComponent(path)))
            let file = AssetFiles.validator.appendingPathComponent(name)
            let found = readGLTF(
                try AssetFiles.bytes(AssetFiles.validator, name), resolve: AssetFiles.resolver(file))
            #expect(!found.overBudget, "\(name)")
            let ours = Set(found.issues.filter { $0.severity == .error }.map(\.code.rawValue))
            let theirs = Set(report.issues.messages.filter { $0.severity == 0 }.map(\.code))
            if report.issues.numErrors == 0 { valid += 1 }
            if ours.isEmpty == (report.issues.numErrors == 0) { agree += 1 } else { differ.append(name) }
            if ours == theirs {
                sameCodes += 1
            } else {
                codes.append(name)
                if Self.codeDifferences[name] == nil {
                    print(
                        "codes differ: \(name): missing \(theirs.subtracting(ours).sorted()),",
                        "surplus \(ours.subtracting(theirs).sorted())")
                }
            }
        }
        print(
            "vectors: Khronos glTF validator \(reports.count) files (\(valid) valid there):",
            "\(agree) verdicts agree, \(sameCodes) with exactly the same error codes")
        #expect(reports.count == 263)
        #expect(differ == Self.verdictDifferences.keys.sorted())
        #expect(codes == Self.codeDifferences.keys.sorted())
    }
}
