import ProvChain
import Testing

@testable import provcli

@Suite("What is shown and remembered") struct TerminalTests {
    @Test func timesAreReadAndWrittenInUTC() {
        #expect(Time.text(seconds: 0) == "1970-01-01T00:00:00Z")
        #expect(Time.text(milliseconds: 1_769_860_800_999) == "2026-01-31T12:00:00Z")
        #expect(Time.parse("2026-01-31T12:00:00Z") == 1_769_860_800_000)
        #expect(Time.parse("2026-01-31T13:00:00+01:00") == 1_769_860_800_000)
        // A date alone is its last moment.
        #expect(Time.parse("2026-01-31") == 1_769_903_999_999)
        for text in ["", "2026-02-31", "2026-13-01", "yesterday", "2026-01-31T12:00:00", "1969-12-31T00:00:00Z"] {
            #expect(Time.parse(text) == nil, "\(text)")
        }
        #expect(Time.text(seconds: .max) == "9999-12-31T23:59:59Z")
    }

    /// Nothing that comes from a node or a file may move the cursor or turn the text around.
    @Test func whatIsPrintedCannotControlTheTerminal() {
        let shown = Console.printable("a\u{1b}[2Jb\r\u{9b}c\u{202e}d\u{2066}e\u{7f}")
        #expect(shown == "a\u{fffd}[2Jb\u{fffd}\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}")
        #expect(Console.printable("line\nline 木桶 é") == "line\nline 木桶 é")
    }

    @Test func theLanguageIsTheOptionThenTheConfiguration() {
        #expect(Console.language(.chinese, configured: .english) == .chinese)
        #expect(Console.language(nil, configured: .chinese) == .chinese)
    }

    @Test func aConfigurationIsReadAsItWasWritten() throws {
        let folder = try CLIFolder()
        var written = Configuration()
        written.node = "http://localhost:8080"
        written.language = .chinese
        written.key = #"C:\keys "mine".key"#
        written.chain = SHA256.hash([1]).hex
        try folder.write(written.text, "config.toml")
        let read = try Configuration.load(from: folder.path)
        #expect(read.node == written.node && read.language == written.language && read.key == written.key)
        #expect(read.chain == written.chain && read.party == nil && read.genesis == nil)
    }

    @Test func anAbsentConfigurationIsEmptyAndADamagedOneSaysWhere() throws {
        let folder = try CLIFolder()
        #expect(try Configuration.load(from: folder.path).node == nil)
        for line in ["node", "node = x", "node = \"x", "node = \"a\\n\"", "other = \"x\"", "lang = \"fr\"", "[a]"] {
            try folder.write("# first\n\(line)\n", "config.toml")
            do throws(CLIError) {
                _ = try Configuration.load(from: folder.path)
                Issue.record("\(line) was read")
            } catch {
                #expect(error.rule == Catalogue.Failure.badConfiguration.rawValue)
                #expect(error.parameters["line"] == "2" && error.status == .badData, "\(line)")
            }
        }
    }

    @Test func mediaTypesFollowTheEnding() {
        #expect(MediaType.of("a/b.GLB") == "model/gltf-binary")
        #expect(MediaType.of("a.b/c") == MediaType.unknown)
        #expect(MediaType.of(".glb") == MediaType.unknown)
        #expect(MediaType.mainRank("x.glb") < MediaType.mainRank("x.obj"))
        #expect(MediaType.mainRank("x.obj") < MediaType.mainRank("x.png"))
    }

    @Test func addressesOfNodesAreCheckedBeforeAnyIsAsked() async throws {
        let transport = Transport()
        #expect(try NodeClient("http://localhost:8080///", transport).address == "http://localhost:8080")
        for address in [
            "localhost:8080", "ftp://a", "http://", "http://a:0", "http://a:99999", "http://a?b", "http://a#b",
            "http://a b", "",
        ] {
            #expect(
                CLIError.rule { try NodeClient(address, transport) } == Catalogue.Failure.badNode.rawValue,
                "\(address)")
        }
        await transport.close()
    }
}
