import Foundation
import ProvChain
import Testing

@testable import ProvNode

@Suite("A network for development on one machine")
struct TestnetMakerTests {
    private func maker(_ folder: TestFolder, port: Int, validators: Int = 4) -> TestnetMaker {
        TestnetMaker(
            folder: folder.path, origin: "test.example/net", validators: validators, firstPort: port)
    }

    @Test("Each home is complete, knows the others' addresses, and has the same genesis")
    func homes() throws {
        let folder = try TestFolder()
        let file = try maker(folder, port: 12_000).make()
        #expect(try TestnetFile.read(folder.path) == file)
        #expect(file.nodes.map(\.url) == [12_000, 12_002, 12_004, 12_006].map { "http://127.0.0.1:\($0)" })
        #expect(file.nodes.map(\.peer) == [12_001, 12_003, 12_005, 12_007].map { "127.0.0.1:\($0)" })
        for (place, node) in file.nodes.enumerated() {
            let home = NodeHome(folder.file("\(place + 1)"))
            #expect(home.path == node.home)
            let genesis = try home.loadGenesis()
            #expect(genesis.genesis.chain.hex == file.chain)
            #expect(try ValidatorKeys(home: home, genesis: genesis.genesis, passphrase: nil).index == UInt64(place))
            let settings = try NodeConfiguration(file: home.configuration, environment: [:])
            try settings.check(members: genesis.genesis.members)
            #expect("127.0.0.1:\(settings.peerPort)" == node.peer)
            #expect("http://\(settings.host):\(settings.port)" == node.url)
            let others = file.nodes.filter { $0 != node }
            #expect(
                settings.peers.mapValues(\.description)
                    == Dictionary(uniqueKeysWithValues: others.map { ($0.member, $0.peer) }))
            #expect(settings.apis == Dictionary(uniqueKeysWithValues: file.nodes.map { ($0.member, $0.url) }))
            let registrar = try KeyFile(cbor: [UInt8](try folder.read("\(place + 1)/keys/registrar.key")))
            #expect(registrar.isPlaintext)
            let party = genesis.genesis.parties[place]
            #expect(registrar.key == .signature(party.keys[0].key))
            #expect(node.registrar == URN.party(genesis.genesis.partyIdentifier(party)).description)
        }
    }

    @Test("With port 0, the ports are free ones, all different, and none that an outgoing connection would get")
    func freePorts() throws {
        let folder = try TestFolder()
        let nodes = try maker(folder, port: 0).make().nodes
        let ports = try nodes.flatMap {
            [try #require(URL(string: $0.url)?.port), try #require(PeerAddress($0.peer)?.port)]
        }
        #expect(Set(ports).count == 8)
        #expect(ports.allSatisfy { (10_000..<32_768).contains($0) })
    }

    @Test("A port that is taken is not chosen")
    func takenPorts() throws {
        // Of all ports in the range, so that one that is given twice shows.
        let ports = try FreePorts.choose(2_000)
        #expect(Set(ports).count == 2_000)
        #expect(throws: NodeCommandError.self) { try FreePorts.choose(FreePorts.range.count + 1) }
    }

    @Test("A network is never made over another one, nor over a home")
    func exists() throws {
        let folder = try TestFolder()
        _ = try maker(folder, port: 12_000, validators: 1).make()
        #expect(throws: HomeError.self) { try maker(folder, port: 12_000, validators: 1).make() }
        try FileManager.default.removeItem(atPath: folder.file("testnet.json"))
        #expect(throws: HomeError.self) { try maker(folder, port: 12_000, validators: 1).make() }
    }
}
