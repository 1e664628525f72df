import ProvChain
import Testing

@testable import ProvNode

@Suite("What provnode.toml and its variables say about other nodes")
struct NodeConfigurationTests {
    private func read(_ toml: String, _ environment: [String: String] = [:]) throws -> NodeConfiguration {
        let folder = try TestFolder()
        try folder.write(.init(Array(toml.utf8)), "provnode.toml")
        return try NodeConfiguration(file: folder.file("provnode.toml"), environment: environment)
    }

    private func refusal(_ toml: String, _ environment: [String: String] = [:]) -> String? {
        do {
            _ = try read(toml, environment)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("Without a word about peers, a node would listen on the loopback address and knows nobody")
    func defaults() throws {
        let settings = try read("")
        #expect(settings.peerHost == "127.0.0.1")
        #expect(settings.peerPort == 8_421)
        #expect(settings.peers.isEmpty && settings.apis.isEmpty)
    }

    @Test("Members' addresses are read by member name")
    func tables() throws {
        let settings = try read(
            """
            peer_host = "0.0.0.0"
            peer_port = 0
            [peers]
            "City Museum" = "node.museum.example:8421"
            Archive = "[2001:db8::7]:9000"
            [apis]
            "City Museum" = "https://Node.museum.example"
            """)
        #expect(settings.peerHost == "0.0.0.0")
        #expect(settings.peerPort == 0)
        #expect(settings.peers["City Museum"] == PeerAddress("node.museum.example:8421"))
        #expect(settings.peers["Archive"]?.host == "2001:db8::7")
        #expect(settings.peers["Archive"]?.port == 9_000)
        #expect(settings.apis == ["City Museum": "https://node.museum.example"])
    }

    @Test("Variables override the file, tables as a whole")
    func variables() throws {
        let settings = try read(
            "peer_port = 1\n[peers]\nA = \"a:1\"",
            [
                "PROV_PEER_HOST": "::1", "PROV_PEER_PORT": "2", "PROV_PEERS": #"{ "B; = \"x\"" = "b:2" }"#,
                "PROV_APIS": #"{ B = "http://b:80" }"#,
            ])
        #expect(settings.peerHost == "::1")
        #expect(settings.peerPort == 2)
        #expect(settings.peers == ["B; = \"x\"": try #require(PeerAddress("b:2"))])
        #expect(settings.apis == ["B": "http://b:80"])
    }

    @Test(
        "What cannot be an address is refused by name",
        arguments: [
            "museum", "museum:", ":8421", "museum:0", "museum:65536", "museum:84x1", "museum:+1", "2001:db8::7:8421",
            "[museum]:1", "[]:1", "mu seum:1", "http://museum:8421", "museum/a:1", "",
        ])
    func addresses(text: String) throws {
        #expect(PeerAddress(text) == nil)
        let complaint = try #require(refusal("[peers]\n\"City Museum\" = \"\(text)\""))
        #expect(complaint.contains("\"City Museum\" in peers must be like node.museum.example:8421"))
    }

    @Test("An address is written as it was read", arguments: ["a.example:1", "192.0.2.7:65535", "[2001:db8::7]:8421"])
    func writing(text: String) throws {
        #expect(try #require(PeerAddress(text)).description == text)
    }

    @Test("Tables that are no tables, URLs with a path, ports out of range and unknown keys are refused by name")
    func malformed() throws {
        #expect(try #require(refusal("peers = 3")).contains("peers must be a table"))
        #expect(try #require(refusal("[peers]\nA = 3")).contains("\"A\" in peers must be"))
        #expect(try #require(refusal("[apis]\nA = \"https://a/b\"")).contains("\"A\" in apis must be"))
        #expect(try #require(refusal("[apis]\nA = \"a:80\"")).contains("\"A\" in apis must be"))
        #expect(try #require(refusal("peer_port = 65536")).contains("peer_port must be"))
        #expect(try #require(refusal("peer_prot = 1")).contains("peer_port"))
        #expect(try #require(refusal("", ["PROV_PEER_PORT": "x"])).contains("PROV_PEER_PORT must be"))
        #expect(try #require(refusal("", ["PROV_PEERS": "A=a:1"])).contains("PROV_PEERS must be an inline table"))
        #expect(try #require(refusal("", ["PROV_PEERS": "{}\nhost=\"x\""])).contains("PROV_PEERS must be"))
    }

    @Test("A name that is not a member's is refused, with the members' names")
    func unknownMember() throws {
        let members = [Genesis.Member(name: "City Museum"), Genesis.Member(name: "Archive")]
        try read("[peers]\n\"City Museum\" = \"a:1\"\n[apis]\nArchive = \"http://b\"").check(members: members)
        let settings = try read("[apis]\n\"City museum\" = \"http://a\"")
        let error = #expect(throws: ConfigurationError.self) { try settings.check(members: members) }
        #expect(error?.description.contains("\"City museum\"") == true)
        #expect(error?.description.contains("\"Archive\", \"City Museum\"") == true)
    }

    @Test("The template is short, and what it says is what it was given, whatever a member is called")
    func template() throws {
        let names = ["City Museum", "\"Q\" \\ \n\t\u{7f}", "博物馆"]
        let peers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, "h\($0):\($0 + 1)") })
        let apis = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, "http://h\($0)") })
        let settings = try read(NodeConfiguration.template(port: 7, peerPort: 8, peers: peers, apis: apis))
        #expect(settings.port == 7)
        #expect(settings.peerPort == 8)
        #expect(settings.peers.mapValues(\.description) == peers)
        #expect(settings.apis == apis)

        let plain = NodeConfiguration.template(port: 0)
        #expect(plain.split(separator: "\n", omittingEmptySubsequences: false).count < 50)
        #expect(try read(plain).peers.isEmpty)
    }
}
