@testable import ProvChain

/// A chain on which something happened to everything that a bundle can be about.
///
/// Alice and Bob are enrolled; Alice registers a vase, replaces her key, adds a version and gives Bob a share;
/// Bob registers a bowl, and a copy of the vase.
struct BundleStory {
    var chain: BundleChain
    let alice: BundleChain.Person
    let bob: BundleChain.Person
    let vase: Digest
    let bowl: Digest
    let offer: Digest
    /// The file that both versions of the vase hold.
    let texture = FileAtHand(sha256: SHA256.hash(Array("texture".utf8)), size: 20)
    let metadata = WorkMetadata(title: "A vase", authors: ["Alice"]).cbor
    /// Of the vase's second version.
    let manifest: [UInt8]

    /// - Parameter height: the story ends there, at its latest; 5 is the new key.
    init(origin: String = BundleChain.origin, validators: Int = 1, until height: UInt64 = .max) throws {
        var chain = try BundleChain(origin: origin, validators: validators)
        alice = try Self.enrol("alice", .edDSA, &chain)
        bob = try Self.enrol("bob", .es256k, &chain)
        vase = try Self.register("vase", by: alice, metadata: metadata, &chain)
        bowl = try Self.register("bowl", by: bob, metadata: WorkMetadata(title: "A bowl").cbor, &chain)
        let newKey = try BundleChain.key("alice's second key")
        try Self.rotate(alice, to: newKey, &chain)
        guard height > chain.ledger.tip.header.height else {
            (offer, manifest) = (.zero, Self.manifest("vase").cbor)
            self.chain = chain
            return
        }
        let second = Self.manifest("vase, repaired")
        manifest = second.cbor
        try chain.append([
            chain.sign(
                .addVersion(AddVersion(content: Self.content(second), previous: 1)), .work(vase), by: alice,
                key: newKey)
        ])
        let nonce = chain.nextNonce()
        offer = Statement.derivedIdentifier(chain: chain.chain, issuer: alice.id, nonce: nonce)
        let terms = OfferTitle(
            work: vase, right: .copyright, recipient: bob.id, share: 2_500, deadline: BundleChain.start / 1_000 + 300)
        try chain.append([
            chain.sign(.offerTitle(terms), .offer(offer), by: alice, key: newKey, nonce: nonce)
        ])
        // A copy, so that a statement about another work is in the history of the vase; and the answer.
        try chain.append([
            Self.registration("vase", by: bob, metadata: metadata, &chain).statement,
            chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: bob),
        ])
        try chain.append([])
        self.chain = chain
    }

    static func enrol(
        _ name: String, _ algorithm: SignatureAlgorithm, _ chain: inout BundleChain
    ) throws -> BundleChain.Person {
        let key = try BundleChain.key(name, algorithm)
        let application = try SignedApplication.make(kind: .person, key: key, chain: chain.chain)
        try chain.append([
            chain.sign(
                .enrolParty(EnrolParty(application: application.encoded)), .party(application.party),
                by: chain.founder)
        ])
        return BundleChain.Person(id: application.party, key: key)
    }

    static func rotate(_ person: BundleChain.Person, to key: SecretKey, _ chain: inout BundleChain) throws {
        let entry = KeyEntry(
            purpose: .sign, key: key.publicKey,
            possession: ProofOfPossession.prove(
                chain: chain.chain.bytes, party: person.id, purpose: .sign, key: key))
        try chain.append([
            chain.sign(
                .rotateKey(RotateKey(entry: entry, retired: person.key.publicKey.kid)), .party(person.id),
                by: person)
        ])
    }

    static func registration(
        _ name: String, by person: BundleChain.Person, metadata: [UInt8], _ chain: inout BundleChain
    ) throws -> (statement: Statement, work: Digest) {
        let nonce = chain.nextNonce()
        let work = Statement.derivedIdentifier(chain: chain.chain, issuer: person.id, nonce: nonce)
        let payload = RegisterWork(
            category: .model3D, basis: .author, metadata: AttachmentReference(to: metadata),
            content: content(manifest(name)), spdx: "CC-BY-4.0")
        return (try chain.sign(.registerWork(payload), .work(work), by: person, nonce: nonce), work)
    }

    static func register(
        _ name: String, by person: BundleChain.Person, metadata: [UInt8], _ chain: inout BundleChain
    ) throws -> Digest {
        let (statement, work) = try registration(name, by: person, metadata: metadata, &chain)
        try chain.append([statement])
        return work
    }

    static func manifest(_ name: String) -> Manifest {
        Manifest(files: [
            .init(
                path: "\(name).glb", mediaType: "model/gltf-binary", size: 10, sha256: SHA256.hash(Array(name.utf8))),
            .init(path: "texture.png", mediaType: "image/png", size: 20, sha256: SHA256.hash(Array("texture".utf8))),
        ])
    }

    static func content(_ manifest: Manifest) -> VersionContent {
        VersionContent(
            manifestRoot: manifest.root, manifest: AttachmentReference(to: manifest.cbor),
            mediaType: "model/gltf-binary", size: manifest.totalSize, distinctive: [manifest.files[0].sha256])
    }

    /// Everything about the vase.
    func work() throws -> BundleParts {
        var chain = chain
        return try chain.bundle(.work(vase), manifest: manifest, metadata: metadata)
    }

    func parts(_ subject: URN) throws -> BundleParts {
        var chain = chain
        return try chain.bundle(subject)
    }

    var aliceFirstKey: URN { .key(alice.key.publicKey.kid) }

    /// With one validator and with four, made once for all tests.
    static let sole = Result { try BundleStory() }
    static let four = Result { try BundleStory(validators: 4) }
}
