import ProvChain
import Testing

@testable import provcli

@Suite("What people type") struct ArgumentTests {
    private let id = SHA256.hash([1])

    @Test func aNameIsAURNOrItsDigits() throws {
        #expect(try ProvCLI.party(id.hex) == id)
        #expect(try ProvCLI.party(URN.party(id).description) == id)
        #expect(try ProvCLI.work(URN.work(id).description) == id)
        #expect(try ProvCLI.offer(URN.offer(id).description) == id)
        #expect(try ProvCLI.chain(URN.chain(id).description) == id)
        #expect(try ProvCLI.statement(URN.statement(id).description) == id)
        #expect(try ProvCLI.urn(URN.work(id).description) == .work(id))
    }

    @Test func aNameOfAnotherKindIsRefused() {
        let work = URN.work(id).description
        let found = [
            CLIError.caught { try ProvCLI.party(work) }, CLIError.caught { try ProvCLI.offer(work) },
            CLIError.caught { try ProvCLI.chain(work) }, CLIError.caught { try ProvCLI.statement(work) },
        ]
        for error in found {
            #expect(error?.rule == Catalogue.Failure.badArgument.rawValue)
            #expect(error?.parameters["value"] == work)
        }
        for text in ["", " ", String(id.hex.dropLast()), id.hex + "0", id.hex + "g", "urn:provchain:work:"] {
            #expect(CLIError.caught { try ProvCLI.work(text) }?.parameters["value"] == text)
        }
        #expect(CLIError.caught { try ProvCLI.urn(id.hex) } != nil)
    }

    @Test func sharesAreBasisPointsOrPercent() throws {
        let shares: [(String, UInt64)] = [
            ("1", 1), ("10000", 10_000), ("2500", 2_500), ("25%", 2_500), ("100%", 10_000), ("12.5%", 1_250),
            ("0.01%", 1), ("33.33%", 3_333), ("0.5%", 50), ("99.9%", 9_990),
        ]
        for (text, points) in shares { #expect(try ProvCLI.share(text) == points, "\(text)") }
    }

    @Test(arguments: [
        "", "0", "10001", "-1", "0%", "0.00%", "100.01%", "101%", "1.234%", "1.%", ".5%", "1.2.3%", "%", "1,5%", "1e2",
        "٥٠%", "18446744073709551616", "25 %",
    ])
    func otherSharesAreRefused(_ text: String) {
        #expect(CLIError.caught { try ProvCLI.share(text) }?.parameters["value"] == text)
    }

    @Test func wordsAreThoseOfTheVocabulary() throws {
        for category in WorkCategory.allCases {
            #expect(try ProvCLI.word(category.name, of: WorkCategory.self) == category)
        }
        for basis in ClaimBasis.allCases { #expect(try ProvCLI.word(basis.name, of: ClaimBasis.self) == basis) }
        let found = CLIError.caught { try ProvCLI.word("3D-Model", of: WorkCategory.self) }
        #expect(found?.parameters["value"] == "3D-Model")
    }

    /// The command line is read as a whole; what no command takes is wrong usage.
    @Test(arguments: [
        ["register", "a.glb"], ["register", "--title", "x"], ["lookup"], ["compare", "a.glb"], ["fingerprint"],
        ["prove-component"], ["no-such-command"], ["lookup", "a.glb", "--lang", "fr"],
        ["lookup", "a.glb", "--wait", "never"],
    ])
    func incompleteCommandLinesAreWrongUsage(_ arguments: [String]) {
        #expect(throws: (any Error).self) { _ = try ProvCLI.parseAsRoot(arguments) }
        do {
            _ = try ProvCLI.parseAsRoot(arguments)
        } catch {
            #expect(ProvCLI.exitCode(for: error).rawValue == Ending.usage.rawValue)
        }
    }

    @Test func completeCommandLinesAreRead() throws {
        let register = try #require(
            try ProvCLI.parseAsRoot([
                "register", "scene", "--title", "Hall", "--author", "A", "--author", "B", "--dry-run", "--json",
                "--similarity-report", "r.json",
            ]) as? Register)
        #expect(register.path == "scene" && register.title == "Hall" && register.authors == ["A", "B"])
        #expect(register.dryRun && register.global.json && register.similarityReport == "r.json")
        #expect(!register.restrictManifest && register.basis == "author" && register.category == "3d-model")
        let compare = try #require(try ProvCLI.parseAsRoot(["compare", "a", "b", "--lang", "zh"]) as? Compare)
        #expect(compare.first == "a" && compare.second == "b" && compare.global.lang == .chinese)
        #expect(compare.global.wait == .final)
    }
}
