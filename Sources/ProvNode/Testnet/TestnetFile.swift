import Foundation
import ProvChain

/// `testnet.json`: who is who in a network for development.
struct TestnetFile: Codable, Equatable {
    struct Node: Codable, Equatable {
        let member: String
        let home: String
        /// Of the HTTP API.
        let url: String
        /// Where it listens for other nodes.
        let peer: String
        /// The member's account, as a URN.
        let registrar: String
        let registrarKey: String
    }

    let chain: String
    let origin: String
    let genesis: String
    let nodes: [Node]

    static func path(in folder: String) -> String { folder + "/testnet.json" }

    static func read(_ folder: String) throws -> TestnetFile {
        let path = path(in: folder)
        let bytes = try FileBytes.read(
            path,
            whatToDo: Phrase(
                "run `provnode testnet init --home \(folder)` first", "请先运行 `provnode testnet init --home \(folder)`"))
        do {
            return try JSONDecoder().decode(TestnetFile.self, from: Data(bytes))
        } catch {
            throw HomeError.badFile(
                path,
                reason: Phrase("it is not what `provnode testnet init` writes", "它不是 `provnode testnet init` 写出的内容"))
        }
    }
}

/// Makes the homes of a network on one machine, each complete, with keys that are not encrypted.
struct TestnetMaker {
    /// Absolute.
    let folder: String
    let origin: String
    let validators: Int
    /// The first of twice as many ports as there are validators, in turn for HTTP and for nodes; 0 for free ones.
    let firstPort: Int

    static let host = "127.0.0.1"

    func make() throws -> TestnetFile {
        let path = TestnetFile.path(in: folder)
        guard !FileManager.default.fileExists(atPath: path) else { throw HomeError.exists(path) }
        let members = (1...validators).map { "Member \($0)" }
        let ports = try ports()
        let founding = try Founding(origin: origin, members: members, time: WallClock.now())
        var nodes: [TestnetFile.Node] = []
        for (place, member) in members.enumerated() {
            let home = home(place)
            let party = founding.file.genesis.partyIdentifier(founding.file.genesis.parties[place])
            nodes.append(
                TestnetFile.Node(
                    member: member, home: home.path, url: "http://\(Self.host):\(ports[place].http)",
                    peer: "\(Self.host):\(ports[place].peer)", registrar: URN.party(party).description,
                    registrarKey: home.key(MemberKeys.registrarName)))
        }
        for place in members.indices { try makeHome(place, founding, ports[place], nodes) }
        let file = TestnetFile(
            chain: founding.file.genesis.chain.hex, origin: origin, genesis: home(0).genesis, nodes: nodes)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try FileBytes.create(path, Array(try encoder.encode(file)))
        return file
    }

    private func home(_ place: Int) -> NodeHome { NodeHome("\(folder)/\(place + 1)") }

    private func makeHome(
        _ place: Int, _ founding: Founding, _ ports: (http: Int, peer: Int), _ nodes: [TestnetFile.Node]
    ) throws {
        let home = home(place)
        guard !FileManager.default.fileExists(atPath: home.path) else { throw HomeError.exists(home.path) }
        try founding.keys[place].write(to: home, .plaintext)
        let others = nodes.enumerated().filter { $0.offset != place }.map(\.element)
        let configuration = NodeConfiguration.template(
            port: ports.http, peerPort: ports.peer,
            peers: Dictionary(uniqueKeysWithValues: others.map { ($0.member, $0.peer) }),
            apis: Dictionary(uniqueKeysWithValues: nodes.map { ($0.member, $0.url) }))
        try FileBytes.create(home.configuration, Array(configuration.utf8))
        try GenesisInstallation(home: home, file: founding.file).install()
    }

    private func ports() throws -> [(http: Int, peer: Int)] {
        let count = 2 * validators
        let ports = firstPort == 0 ? try FreePorts.choose(count) : Array(firstPort..<firstPort + count)
        return (0..<validators).map { (ports[2 * $0], ports[2 * $0 + 1]) }
    }
}
