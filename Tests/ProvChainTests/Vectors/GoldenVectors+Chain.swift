@testable import ProvChain

extension GoldenVectors {
    /// The stored record of every kind of URN that has one.
    static func records(_ world: World) throws -> [GoldenVector] {
        let genesis = world.chain.file.genesis
        let kinds: [(String, URN)] = [
            ("chain", .chain(world.chain.chain)),
            ("member", .member(genesis.memberIdentifier(0))),
            ("party", .party(world.alice.id)),
            ("party with two keys", .party(world.bob.id)),
            ("key, retired", .key(world.alice.key.publicKey.kid)),
            ("key, in force", .key(world.bob.key.publicKey.kid)),
            ("validator's key", .key(genesis.validators[0].vote.key.kid)),
            ("work", .work(world.work)),
            ("version", .version(work: world.work, sequence: 1)),
            ("title", .title(work: world.work, right: .copyright)),
            ("offer", .offer(world.offer)),
            ("component", .component(TestChain.hash("lid"))),
        ]
        return try kinds.map { name, urn in
            guard let record = try world.chain.ledger.record(urn, source: world.chain.state) else {
                throw TestChain.Unexpected(description: "there is no \(urn)")
            }
            return GoldenVector(
                name: "stored record: \(name)", rule: "stored-\(urn.kind.name)", bytes: record.cbor)
        }
    }

    static func blocks(_ world: World) throws -> [GoldenVector] {
        let chain = world.chain
        let tip = chain.ledger.tip
        let boundary = tip.header
        let epoch = chain.file.genesis.firstEpoch
        let vote = Vote(
            chain: chain.chain, epochRecord: epoch.hash, epoch: 0, view: boundary.view, kind: .finalize, signer: 0,
            parentView: 0, block: boundary.id)
        let certificate = FinalityCertificate(
            view: boundary.view, signers: [0], signatures: [try TestParty.key("first vote").sign(vote.message)])
        try certificate.verify(boundary, epoch: epoch)
        let notarize = Vote(
            chain: chain.chain, epochRecord: epoch.hash, epoch: 3, view: 300, kind: .notarize, signer: 2,
            parentView: 299, block: boundary.id)
        let nullify = Vote(
            chain: chain.chain, epochRecord: epoch.hash, epoch: 3, view: 70_000, kind: .nullify, signer: 2,
            parentView: 0, block: .zero)
        return [
            GoldenVector(name: "genesis file", rule: "genesis-file", bytes: chain.file.cbor),
            GoldenVector(name: "member application", rule: "member-application", bytes: try memberApplication().cbor),
            GoldenVector(name: "header of block 0", rule: "header", bytes: chain.blocks[0].header.cbor),
            GoldenVector(name: "header of a boundary", rule: "header", bytes: boundary.cbor),
            GoldenVector(name: "header leaf", rule: "header-leaf", bytes: boundary.leaf),
            GoldenVector(name: "epoch record", rule: "epoch-record", bytes: tip.epoch.cbor),
            GoldenVector(name: "vote: finalize", rule: "vote-message", bytes: vote.message),
            GoldenVector(name: "vote: notarize", rule: "vote-message", bytes: notarize.message),
            GoldenVector(name: "vote: nullify", rule: "vote-message", bytes: nullify.message),
            GoldenVector(name: "finality certificate", rule: "certificate", bytes: certificate.cbor),
            GoldenVector(
                name: "state checkpoint", rule: "state-checkpoint", bytes: StateCheckpoint(tip: tip).cbor),
        ]
    }

    static func proofs(_ world: World) throws -> [GoldenVector] {
        let ledger = world.chain.ledger
        let present = try ledger.prove(.work(world.work), source: world.chain.state)
        let absent = try ledger.prove(.work(TestChain.hash("nothing")), source: world.chain.state)
        let path = ["a", "b", "c"].map(TestChain.hash)
        let inclusion = InclusionProof(leafIndex: 3, treeSize: 7, path: path)
        let consistency = ConsistencyProof(oldSize: 4, newSize: 7, path: Array(path.prefix(1)))
        let link = HistoryLink(
            statement: TestChain.hash("statement"), height: 300, position: 1, time: TestChain.genesisTime,
            bodyHash: TestChain.hash("body"))
        return [
            GoldenVector(name: "state proof: present", rule: "state-proof", bytes: present.cbor),
            GoldenVector(name: "state proof: absent", rule: "state-proof", bytes: absent.cbor),
            GoldenVector(
                name: "state proof: witness", rule: "state-proof",
                bytes: StateProof(
                    siblings: [path[0], .zero, path[1]],
                    witness: StateLeaf(key: path[2], recordHash: path[0])
                ).cbor),
            GoldenVector(name: "inclusion proof", rule: "inclusion-proof", bytes: inclusion.cbor),
            GoldenVector(name: "consistency proof", rule: "consistency-proof", bytes: consistency.cbor),
            GoldenVector(name: "history link", rule: "history-link", bytes: link.cbor),
        ]
    }

    /// What a verifier gets who has nothing but the genesis file.
    static func bundles() throws -> [GoldenVector] {
        var story = try BundleStory()
        let (manifest, metadata) = (story.manifest, story.metadata)
        let present = try story.chain.bundle(.work(story.vase), manifest: manifest, metadata: metadata).bundle
        let absent = try story.chain.bundle(.work(TestChain.hash("nothing"))).bundle
        guard let signed = present.receipts.first else {
            throw TestChain.Unexpected(description: "a bundle without receipts")
        }
        let receipt = signed.header.receipt(try story.chain.proof(0))
        return [
            GoldenVector(name: "genesis file of the bundles", rule: "genesis-file", bytes: story.chain.file.cbor),
            GoldenVector(name: "bundle of a work", rule: "bundle", bytes: present.cbor),
            GoldenVector(name: "bundle of what is absent", rule: "bundle", bytes: absent.cbor),
            GoldenVector(name: "receipt", rule: "receipt", bytes: receipt),
        ]
    }

    /// Inputs of hashes and signatures that no standard fixes.
    static func inputs(_ world: World) throws -> [GoldenVector] {
        let key = world.alice.key.publicKey
        return [
            GoldenVector(
                name: "input: proof of possession", rule: "possession-input",
                bytes: ProofOfPossession.message(
                    chain: world.chain.chain.bytes, party: world.alice.id, purpose: .sign, key: key)),
            GoldenVector(
                name: "input: manifest leaf", rule: "manifest-leaf-input",
                bytes: Manifest.leafBytes(manifest.leaves[0])),
            GoldenVector(name: "key: secp256k1", rule: "cose-key", bytes: key.cbor),
            GoldenVector(name: "key: Ed25519", rule: "cose-key", bytes: world.bob.key.publicKey.cbor),
            GoldenVector(
                name: "key: X25519", rule: "cose-key", bytes: world.chain.file.genesis.validators[0].identity.cbor),
        ]
    }

    private static func memberApplication() throws -> MemberApplication {
        try MemberApplication(
            origin: TestChain.origin, name: "Second Museum",
            secrets: .init(
                identity: try IdentitySecret(secret: TestChain.hash("second identity").bytes),
                vote: try TestParty.key("second vote"), log: try TestParty.key("second log"),
                cosign: try TestParty.key("second cosign"), account: try TestParty.key("second account", .es256k)))
    }
}
