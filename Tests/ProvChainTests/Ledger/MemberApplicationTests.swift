import Testing

@testable import ProvChain

@Suite("What a future member hands to the founder")
struct MemberApplicationTests {
    private static let origin = "museums.example/log"

    private func secrets(_ name: String) throws -> MemberApplication.Secrets {
        func key(_ purpose: String, _ algorithm: SignatureAlgorithm = .edDSA) throws -> SecretKey {
            try SecretKey(algorithm: algorithm, secret: SHA256.hash(Array("\(name) \(purpose)".utf8)).bytes)
        }
        return .init(
            identity: try IdentitySecret(secret: SHA256.hash(Array("\(name) identity".utf8)).bytes),
            vote: try key("vote"), log: try key("log"), cosign: try key("cosign"),
            account: try key("account", .es256k))
    }

    private func application(_ name: String, origin: String = Self.origin) throws -> MemberApplication {
        try MemberApplication(origin: origin, name: name, secrets: try secrets(name))
    }

    /// The same application with one item of its array replaced.
    private func replacing(_ place: Int, in application: MemberApplication, by item: [UInt8]) throws -> [UInt8] {
        var items = try self.items(of: application)
        items[place] = item
        return [0x80 | UInt8(items.count)] + items.flatMap { $0 }
    }

    private func items(of application: MemberApplication) throws -> [[UInt8]] {
        var reader = CBORReader(application.cbor)
        try reader.array(count: 9)
        var version = CBORWriter()
        version.uint(try reader.uint())
        var texts: [[UInt8]] = []
        for _ in 0..<2 {
            var writer = CBORWriter()
            writer.text(try reader.text(atMost: 200))
            texts.append(writer.bytes)
        }
        let identity: IdentityKey = try reader.value()
        let entries: [KeyEntry] = [
            try reader.value(), try reader.value(), try reader.value(), try reader.value(),
        ]
        var signature = CBORWriter()
        signature.byteString(try reader.byteString(count: 64))
        return [version.bytes] + texts + [identity.cbor] + entries.map(\.cbor) + [signature.bytes]
    }

    private func refusal(_ bytes: [UInt8]) -> String? {
        do throws(CBORError) {
            _ = try MemberApplication(cbor: bytes)
            return nil
        } catch {
            return error.description
        }
    }

    @Test("It is read as it was written, within its bound")
    func roundTrip() throws {
        let application = try application(String(repeating: "n", count: Limits.nameBytes))
        #expect(try MemberApplication(cbor: application.cbor) == application)
        #expect(application.cbor.count <= MemberApplication.maximumBytes)
    }

    @Test("Its signature covers tag, origin, name and every key, in the order of the specification")
    func signature() throws {
        let application = try application("Museum")
        let tag = Array("provchain/member-application/1".utf8)
        let items = try items(of: application)
        // An array of 8: the tag, a text of 30 bytes, and all items but version and signature.
        let message = [0x88, 0x78, UInt8(tag.count)] + tag + items[1...7].flatMap { $0 }
        #expect(application.account.key.verify(signature: application.signature, message: message))
    }

    @Test("No byte of it can be changed")
    func everyByteCounts() throws {
        let bytes = try application("Museum").cbor
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            #expect(refusal(changed) != nil, "byte \(place)")
        }
        #expect(refusal(bytes + [0]) != nil)
        #expect(refusal(Array(bytes.dropLast())) != nil)
    }

    @Test("Whoever passes it on cannot put a transport key of their own in it")
    func otherIdentity() throws {
        let other = try IdentitySecret(secret: SHA256.hash([1]).bytes).publicKey
        let bytes = try replacing(3, in: try application("Museum"), by: other.cbor)
        #expect(try #require(refusal(bytes)).contains("its account's signature does not verify"))
    }

    @Test("Keys proven for another name, another origin or another purpose are refused")
    func otherProofs() throws {
        let museum = try application("Museum")
        for (place, item) in try items(of: try application("Archive")).enumerated() where (4...7).contains(place) {
            #expect(refusal(try replacing(place, in: museum, by: item)) != nil, "item \(place)")
        }
        let elsewhere = try MemberApplication(
            origin: "elsewhere.example/log", name: "Museum", secrets: try secrets("Museum"))
        let vote = try items(of: elsewhere)[4]
        #expect(try #require(refusal(try replacing(4, in: museum, by: vote))).contains("no valid proof of possession"))
        let log = try items(of: museum)[5]
        #expect(try #require(refusal(try replacing(4, in: museum, by: log))).contains("must have purpose vote"))
    }

    @Test("An origin or a name that no genesis takes is refused when the application is made")
    func badNames() throws {
        #expect(throws: GenesisError.invalidOrigin("with space")) { try application("Museum", origin: "with space") }
        #expect(throws: GenesisError.self) { try application("") }
        #expect(throws: GenesisError.self) { try application(String(repeating: "n", count: Limits.nameBytes + 1)) }
    }

    @Test("A genesis has a validator, an administrator and a registrar of each member, in the given order")
    func genesis() throws {
        let founders = try ["Museum", "Archive", "Press", "Fund"].map { try application($0) }
        let genesis = try Genesis(founders: founders, time: 1_800_000_000_000)
        #expect(genesis.origin == Self.origin)
        #expect(genesis.members.map(\.name) == ["Museum", "Archive", "Press", "Fund"])
        #expect(genesis.validators.map(\.member) == [0, 1, 2, 3])
        #expect(genesis.validators.map(\.identity) == founders.map(\.identity))
        #expect(genesis.parties.map(\.member) == [0, 1, 2, 3])
        #expect(genesis.parties.allSatisfy { $0.roles == [.administrator, .registrar] })
        #expect(try Genesis(cbor: genesis.cbor) == genesis)
    }

    @Test("Founders of different origins, the same member twice, or nobody make no genesis")
    func noGenesis() throws {
        let museum = try application("Museum")
        #expect(throws: GenesisError.empty("members")) { try Genesis(founders: [], time: 0) }
        #expect(throws: GenesisError.duplicateMember("Museum")) { try Genesis(founders: [museum, museum], time: 0) }
        let other = try application("Archive", origin: "elsewhere.example/log")
        let error = #expect(throws: GenesisError.self) { try Genesis(founders: [museum, other], time: 0) }
        #expect(error?.description.contains("elsewhere.example/log") == true)
        // A second name with the first one's keys.
        let twin = try MemberApplication(origin: Self.origin, name: "Twin", secrets: try secrets("Museum"))
        #expect(throws: GenesisError.self) { try Genesis(founders: [museum, twin], time: 0) }
    }
}
