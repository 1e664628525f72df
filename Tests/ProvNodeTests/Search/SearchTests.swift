import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// Look-alikes at a node that searches: from what manifests claim, while everybody may read them.
@Suite struct SearchTests {
    private static let on = ["PROV_SEARCH": "on"]

    /// A print that is near no primitive: pseudo-random bytes.
    private static func print(_ seed: UInt64, moved: Int = 0) throws -> ShapePrint {
        var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        var bytes = (0..<ShapePrint.byteCount).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 58) + 64
        }
        for index in 0..<moved { bytes[index] += 1 }
        return try #require(ShapePrint(bytes))
    }

    private static func claim(_ print: ShapePrint, part: Bool = false) -> Manifest.Print {
        Manifest.Print(
            algorithm: part ? Manifest.partAlgorithm : ShapePrint.version, leaf: nil, bytes: print.bytes)
    }

    private typealias Owner = (party: Digest, key: SecretKey)

    private func register(
        _ chain: TestNode, _ number: UInt64, by owner: Owner, prints: [Manifest.Print], codes: [Manifest.Code] = []
    ) async throws -> String? {
        let (statement, attachments, _) = try chain.registration(
            of: Array("model \(number)".utf8), title: "Lamp \(number)", by: owner, prints: prints, codes: codes)
        return try await chain.submit(statement, attachments).work
    }

    @Test func theNearestComesFirstAndEachWorkOnce() async throws {
        let chain = try await TestNode(environment: Self.on)
        let owner = try await chain.enrol()
        let near = try await register(
            chain, 1, by: owner,
            prints: [Self.claim(try Self.print(1, moved: 5)), Self.claim(try Self.print(1, moved: 7), part: true)])
        let same = try await register(chain, 2, by: owner, prints: [Self.claim(try Self.print(1), part: true)])
        let far = try await register(chain, 3, by: owner, prints: [Self.claim(try Self.print(1, moved: 90))])
        _ = try await register(chain, 4, by: owner, prints: [Self.claim(try Self.print(99))])

        let view = try await chain.node.similar(to: try Self.print(1), limit: 10)
        #expect(view.similar.map(\.work) == [same, near, far])
        #expect(view.similar.map(\.distance) == [0, 5, 90])
        #expect(view.similar.map(\.basis) == ["part", "whole", "whole"])
        #expect(view.similar.map(\.resemblance) == ["near-certain", "near-certain", "for-review"])
        #expect(view.similar.first?.title == "Lamp 2")
        #expect(view.similar.first?.party == URN.party(owner.party).description)
        #expect((view.searched, view.complete) == (5, true))
        #expect(try await chain.node.similar(to: try Self.print(1), limit: 1).similar.map(\.work) == [same])
        #expect(try await chain.node.similar(to: try Self.print(77), limit: 10).similar == [])
    }

    /// Works that list hundreds of near prints each cannot fill the answer and so hide another work.
    @Test func manyPrintsOfOneWorkDoNotHideAnother() async throws {
        let chain = try await TestNode(environment: Self.on)
        let owner = try await chain.enrol()
        func crowd(_ number: UInt64) async throws {
            let near = try (0..<Manifest.maximumShapes).map { place in
                var bytes = try Self.print(1).bytes
                // All different, at a distance of 2 to 9.
                for (index, digit) in [place % 4, place / 4 % 4, place / 16 % 4, place / 64].enumerated() {
                    bytes[index] += UInt8(digit)
                }
                bytes[10 + Int(number)] += 2
                return Self.claim(try #require(ShapePrint(bytes)), part: true)
            }
            _ = try await register(chain, number, by: owner, prints: near)
        }
        for number in UInt64(0)..<5 { try await crowd(number) }
        let hidden = try await register(chain, 9, by: owner, prints: [Self.claim(try Self.print(1, moved: 40))])
        let view = try await chain.node.similar(to: try Self.print(1), limit: 100)
        #expect(view.searched == UInt64(5 * Manifest.maximumShapes + 1))
        #expect(view.similar.map(\.distance) == [2, 2, 2, 2, 2, 40])
        #expect(view.similar.last?.work == hidden)
    }

    @Test func codesAreFoundByTheUnitThatIsNear() async throws {
        let chain = try await TestNode(environment: Self.on)
        let owner = try await chain.enrol()
        func code(_ bytes: [UInt8], _ title: String) throws -> (ISCCCode, Manifest.Code) {
            let digests = FileDigests(of: bytes)
            let code = try ISCCCode([
                try ISCCMetaCode(title: title).unit(), digests.dataCode(), digests.instanceCode(),
            ])
            return (code, Manifest.Code(scheme: "iscc", value: code.text))
        }
        // Many chunks by content, of which one edit changes one.
        var state: UInt64 = 1
        var bytes = (0..<60_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let (first, claimed) = try code(bytes, "Chair")
        let work = try await register(chain, 1, by: owner, prints: [], codes: [claimed])
        let exact = try await chain.node.similar(to: ISCCBits(first.units), limit: 5)
        #expect(exact.similar.map(\.work) == [work])
        #expect(exact.similar.map(\.basis) == ["instance"])

        bytes[30_000] ^= 1
        let edited = try await chain.node.similar(
            to: ISCCBits([FileDigests(of: bytes).dataCode()]), limit: 5)
        #expect(edited.similar.map(\.basis) == ["data"])
        let named = try await chain.node.similar(to: ISCCBits([try ISCCMetaCode(title: "Chair").unit()]), limit: 5)
        #expect(named.similar.map(\.basis) == ["meta"])
        let other = try await chain.node.similar(
            to: ISCCBits([try ISCCMetaCode(title: "Entirely other words").unit()]), limit: 5)
        #expect(other.similar == [])
    }

    @Test func aRestrictedManifestIsNotTold() async throws {
        let chain = try await TestNode(environment: Self.on)
        let owner = try await chain.enrol()
        let print = try Self.print(3)
        let (statement, attachments, manifest) = try chain.registration(
            of: [1, 2, 3], title: "Secret", by: owner, prints: [Self.claim(print)])
        let submission = Submission(
            statement: statement.encoded, attachments: attachments, restricted: [SHA256.hash(manifest.cbor)])
        _ = try await chain.node.submit(submission, wait: true)
        let view = try await chain.node.similar(to: print, limit: 5)
        #expect(view.similar == [])
        #expect(view.searched == 0)
    }

    @Test func aManifestThatComesLateIsFoundFromThenOn() async throws {
        let chain = try await TestNode(environment: Self.on)
        let owner = try await chain.enrol()
        let print = try Self.print(4)
        let (statement, attachments, manifest) = try chain.registration(
            of: [1, 2, 3], title: "Late", by: owner, prints: [Self.claim(print)])
        _ = try await chain.submit(statement, [attachments[1]])
        #expect(try await chain.node.similar(to: print, limit: 5).similar == [])
        try await chain.node.store(attachment: manifest.cbor, hash: SHA256.hash(manifest.cbor), dataClass: .public)
        #expect(try await chain.node.similar(to: print, limit: 5).similar.map(\.distance) == [0])
        // It stays after a restart, though its registration was looked at before.
        try await chain.restart()
        #expect(try await Self.settled(chain, print).similar.map(\.distance) == [0])
    }

    @Test func whatIsOnDiskIsReadAgainAndCanBeMadeAgain() async throws {
        let chain = try await TestNode(environment: Self.on)
        let owner = try await chain.enrol()
        var works: [String?] = []
        for number in UInt64(0)..<3 {
            works.append(
                try await register(chain, number, by: owner, prints: [Self.claim(try Self.print(number + 10))]))
        }
        #expect(try await chain.node.similar(to: try Self.print(11), limit: 5).similar.map(\.work) == [works[1]])
        try await chain.restart()
        let kept = try await Self.settled(chain, try Self.print(11))
        #expect(kept.similar.map(\.work) == [works[1]])
        #expect(kept.searched == 3)
        try await chain.reopen { home in SearchIndex.remove(home.search) }
        let made = try await Self.settled(chain, try Self.print(11))
        #expect(made.similar == kept.similar)
        #expect(made.searched == 3)
        // A damaged position starts anew.
        try await chain.reopen { home in
            try Data("{}".utf8).write(to: URL(fileURLWithPath: home.search + "/position"))
        }
        #expect(try await Self.settled(chain, try Self.print(11)).searched == 3)
    }

    /// After a start the search catches up beside everything else, and says so until it has.
    private static func settled(_ chain: TestNode, _ print: ShapePrint) async throws -> SimilarView {
        while true {
            let view = try await chain.node.similar(to: print, limit: 5)
            if view.complete { return view }
            await Task.yield()
        }
    }

    @Test func aNodeWithoutTheRoleSaysSo() async throws {
        let chain = try await TestNode()
        await #expect(throws: Problems.searchOff) {
            _ = try await chain.node.similar(to: try Self.print(1), limit: 5)
        }
    }

    @Test func theBudgetBoundsTheRows() async throws {
        let folder = try TestFolder()
        var settings = SearchSettings()
        settings.budget = SearchSettings.leastBudget
        let search = try SearchIndex(folder: folder.path + "/search", chain: .zero, settings: settings)
        #expect(settings.prints * (SearchIndex.printRow + SearchIndex.placeRow) <= settings.budget)
        #expect(settings.prints > 7_000)
        #expect(search.nearest(to: try Self.print(1)) == [])
        #expect(search.nearest(to: ISCCBits(meta: 1, data: nil, instance: nil)) == [])
        let rows = try RowFile(path: folder.path + "/rows", rowBytes: 2, capacity: 2, count: 0)
        try rows.append([1, 2])
        #expect(!rows.isFull)
        try rows.append([3, 4])
        #expect(rows.isFull)
        #expect(rows.withRows { Array($0) } == [1, 2, 3, 4])
        rows.forget(from: 1)
        #expect(rows.withRows { Array($0) } == [1, 2])
        // Opened with fewer rows than the file has.
        let again = try RowFile(path: folder.path + "/rows", rowBytes: 2, capacity: 5, count: 2)
        #expect(again.withRows { Array($0) } == [1, 2, 3, 4])
    }

    @Test func theConfigurationTurnsItOn() throws {
        let folder = try TestFolder()
        let file = folder.path + "/provnode.toml"
        func settings(_ text: String, _ environment: [String: String] = [:]) throws -> SearchSettings {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file))
            return try NodeConfiguration(file: file, environment: environment).search
        }
        #expect(try settings("") == SearchSettings())
        #expect(try !settings("").isOn)
        let chosen = try settings("[search]\nenabled = true\nbudget = 2000000\n")
        #expect(chosen.isOn && chosen.budget == 2_000_000)
        #expect(try settings("", ["PROV_SEARCH": "on", "PROV_SEARCH_BUDGET": "3000000"]).budget == 3_000_000)
        #expect(try !settings("[search]\nenabled = true\n", ["PROV_SEARCH": "off"]).isOn)
        for wrong in ["[search]\nenabled = 1\n", "[search]\nbudget = 5\n", "[search]\nother = 1\n", "search = true\n"] {
            #expect(throws: HomeError.self, "\(wrong)") { try settings(wrong) }
        }
        #expect(throws: ConfigurationError.self) { try settings("", ["PROV_SEARCH": "yes"]) }
    }
}
