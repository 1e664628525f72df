@testable import ProvChain

/// One encoding of every type that crosses a wire, is stored, or is hashed or signed.
struct GoldenVector: Sendable {
    let name: String
    /// The rule of `docs/protocol.cddl` that describes it.
    let rule: String
    let bytes: [UInt8]
}

/// Builds all golden vectors from fixed seeds. That they stay the same is what the protocol promises.
enum GoldenVectors {
    static func all() throws -> [GoldenVector] {
        let world = try World()
        return try statements(world) + documents() + records(world) + blocks(world) + proofs(world) + inputs(world)
            + bundles() + consensus()
    }

    /// A chain in which every type of statement was applied once.
    struct World {
        var chain: TestChain
        let alice: TestParty
        let bob: TestParty
        let work: Digest
        let offer: Digest
        let application: SignedApplication
        let statements: [(name: String, statement: Statement)]

        init() throws {
            var parameters = Parameters()
            parameters.epochLengthMilliseconds = 20_000
            var chain = try TestChain(parameters: parameters)
            var statements = [("opening", chain.file.opening)]
            let (alice, application) = try chain.applicant("alice", .es256k)
            let bobs = try chain.application(of: "bob", recovery: TestParty.key("bob recovery"))
            let bob = TestParty(id: bobs.party, key: try TestParty.key("bob"))
            statements.append(("enrolment", try chain.enrolment(application)))
            statements.append(("enrolment with two keys", try chain.enrolment(bobs)))
            let (registration, work) = try chain.signCreating(
                .registerWork(GoldenVectors.fullRegistration), by: alice, as: URN.work)
            statements.append(("registration, ES256K", registration))
            let (second, _) = try chain.registration(
                TestChain.content("bowl", distinctive: ["lid"]), by: bob)
            statements.append(("registration, EdDSA", second))
            let version = AddVersion(content: TestChain.content("vase 2"), previous: 1)
            statements.append(("further version", try chain.sign(.addVersion(version), .work(work), by: alice)))
            let payload = OfferTitle(
                work: work, right: .copyright, recipient: bob.id, share: 2_500, deadline: chain.now / 1_000 + 300,
                terms: TestChain.hash("terms"))
            let (offering, offer) = try chain.signCreating(.offerTitle(payload), by: alice, as: URN.offer)
            statements.append(("offer with terms", offering))
            let (declinable, declined) = try chain.offer(1, of: work, from: alice, to: bob)
            statements.append(("offer", declinable))
            let (cancellable, cancelled) = try chain.offer(2, of: work, from: alice, to: bob)
            statements.append(("another offer", cancellable))
            let answer = AnswerOffer()
            statements.append(("acceptance", try chain.sign(.acceptTitle(answer), .offer(offer), by: bob)))
            statements.append(("refusal", try chain.sign(.declineTitle(answer), .offer(declined), by: bob)))
            statements.append(("withdrawal", try chain.sign(.cancelTitle(answer), .offer(cancelled), by: alice)))
            statements.append(("rotation", try chain.rotation(of: alice, to: TestParty.key("alice 2"))))
            for (_, statement) in statements.dropFirst() { try chain.append([statement]) }
            while chain.ledger.tip.header.nextEpochRecord == nil { try chain.append([]) }
            self.statements = statements.map { (name: $0.0, statement: $0.1) }
            self.chain = chain
            (self.alice, self.bob, self.work, self.offer) = (alice, bob, work, offer)
            self.application = application
        }
    }

    static let metadata = WorkMetadata(
        title: "青花瓷瓶 Vase", description: "A vase, scanned.", authors: ["Alice", "李明"])

    static let fullRegistration = RegisterWork(
        category: .digitalTwin, basis: .employment, metadata: AttachmentReference(to: metadata.cbor),
        content: VersionContent(
            manifestRoot: manifest.root, manifest: AttachmentReference(to: manifest.cbor),
            mediaType: "model/gltf-binary", size: manifest.totalSize, distinctive: [TestChain.hash("lid")]),
        spdx: "CC-BY-4.0",
        evidence: [Evidence(kind: .captureDevice, commitment: TestChain.hash("scan"), collected: 1_799_000_000)])

    static let manifest = Manifest(
        files: [
            .init(
                path: "vase.glb", mediaType: "model/gltf-binary", size: 70_000, sha256: TestChain.hash("vase.glb")),
            .init(path: "textures/花.png", mediaType: "image/png", size: 300, sha256: TestChain.hash("flower")),
        ],
        components: [
            .init(type: "IMG", hash: TestChain.hash("flower")), .init(type: "GEO", hash: TestChain.hash("lid")),
        ],
        prints: [
            .init(algorithm: "phash-64", leaf: 1, bytes: [1, 2, 3, 4, 5, 6, 7, 8]),
            .init(algorithm: "shape-d2", leaf: nil, bytes: [9, 10]),
        ],
        codes: [.init(scheme: "iscc", value: "KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY")])

    static func statements(_ world: World) throws -> [GoldenVector] {
        world.statements.map { entry in
            GoldenVector(name: "statement: \(entry.name)", rule: "statement", bytes: entry.statement.encoded)
        } + [
            GoldenVector(
                name: "signed application", rule: "signed-application", bytes: world.application.encoded)
        ]
    }

    static func documents() throws -> [GoldenVector] {
        let small = Manifest(
            files: [.init(path: "a.glb", mediaType: "model/gltf-binary", size: 0, sha256: TestChain.hash(""))])
        let submission = Submission(statement: [1, 2, 3], attachments: [metadata.cbor, manifest.cbor])
        return [
            GoldenVector(name: "manifest", rule: "manifest", bytes: manifest.cbor),
            GoldenVector(name: "manifest of one file", rule: "manifest", bytes: small.cbor),
            GoldenVector(name: "metadata", rule: "work-metadata", bytes: metadata.cbor),
            GoldenVector(
                name: "metadata, title only", rule: "work-metadata", bytes: WorkMetadata(title: "A vase").cbor),
            GoldenVector(name: "submission", rule: "submission", bytes: submission.cbor),
            GoldenVector(
                name: "submission without attachments", rule: "submission",
                bytes: Submission(statement: [4, 5, 6]).cbor),
        ]
    }
}
