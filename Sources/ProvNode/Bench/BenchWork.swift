import ProvChain

/// A made-up work, all of which follows from its number: its file's hash, its words, its registration.
///
/// Titles are drawn from a small vocabulary, so that some words are in a large part of all works and some in
/// few, and every fourth title is Chinese.
struct BenchWork {
    let number: Int
    /// Meshes inside, which its registration claims beside the file.
    var componentCount = 0
    /// What its manifest says of how it looks.
    var prints: [Manifest.Print] = []

    private static let materials = [
        "bronze", "marble", "porcelain", "lacquer", "jade", "silk", "walnut", "terracotta", "glass", "silver", "ivory",
        "granite", "copper", "bamboo", "limestone", "gold",
    ]
    private static let objects = [
        "vase", "helmet", "statue", "temple", "lantern", "chair", "mask", "bowl", "sword", "horse", "bridge", "tower",
        "dragon", "mirror", "bell", "boat", "tripod", "throne", "fountain", "gate", "lion", "robot", "tree", "guitar",
    ]
    private static let chineseMaterials = ["青铜", "大理石", "瓷", "漆", "玉", "丝绸", "胡桃木", "陶"]
    private static let chineseObjects = [
        "花瓶", "头盔", "雕像", "寺庙", "灯笼", "椅子", "面具", "碗", "剑", "马", "桥", "塔",
    ]
    private static let syllables = [
        "ka", "lo", "mi", "ra", "ne", "so", "ti", "vu", "pa", "de", "zi", "ho", "ju", "fe", "ba", "gu",
    ]

    /// A number that looks random and is not; `salt` gives the work several.
    private func choice(_ salt: UInt64, below bound: Int) -> Int {
        var z = UInt64(number) &* 0x9e37_79b9_7f4a_7c15 &+ salt
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    /// One of 65,536 names, so that a name is in few works.
    var name: String {
        (0..<4).map { Self.syllables[choice(10 + $0, below: Self.syllables.count)] }.joined()
    }

    var metadata: WorkMetadata {
        if number.isMultiple(of: 4) {
            let material = Self.chineseMaterials[choice(1, below: Self.chineseMaterials.count)]
            let object = Self.chineseObjects[choice(2, below: Self.chineseObjects.count)]
            return WorkMetadata(title: "\(material)\(object) 第\(number)号", authors: [name])
        }
        let material = Self.materials[choice(1, below: Self.materials.count)]
        let object = Self.objects[choice(2, below: Self.objects.count)]
        return WorkMetadata(title: "\(material) \(object) no. \(number)", authors: [name])
    }

    var fileHash: Digest { SHA256.hash(Array("asset \(number)".utf8)) }

    var components: [Digest] { (0..<componentCount).map { SHA256.hash(Array("mesh \(number) \($0)".utf8)) } }

    var manifest: Manifest {
        Manifest(
            files: [.init(path: "model.glb", mediaType: "model/gltf-binary", size: 1_000_000, sha256: fileHash)],
            components: components.map { .init(type: AssetComponent.Kind.geometry.rawValue, hash: $0) },
            prints: prints)
    }

    /// What the registration commits to besides its own bytes.
    var attachments: [[UInt8]] { [manifest.cbor, metadata.cbor] }

    private var nonce: [UInt8] { Array(SHA256.hash(Array("nonce \(number)".utf8)).bytes.prefix(16)) }

    func identifier(chain: Digest, claimant: Digest) -> Digest {
        Statement.derivedIdentifier(chain: chain, issuer: claimant, nonce: nonce)
    }

    /// The signed registration.
    ///
    /// - Parameters:
    ///   - time: seconds since 1970.
    ///   - lifetime: seconds for which it may be applied.
    func registration(
        by account: BenchAccount, chain: Digest, time: UInt64, lifetime: UInt64
    ) throws(Refusal) -> Statement {
        let manifest = manifest
        let payload = RegisterWork(
            category: .model3D, basis: .author, metadata: AttachmentReference(to: metadata.cbor),
            content: VersionContent(
                manifestRoot: manifest.root, manifest: AttachmentReference(to: manifest.cbor),
                mediaType: manifest.files[0].mediaType, size: manifest.files[0].size,
                distinctive: ([fileHash] + components).sorted()))
        let claims = Statement.Claims(
            issuer: account.party, subject: .work(identifier(chain: chain, claimant: account.party)), chain: chain,
            expiry: time + lifetime, issuedAt: time, nonce: nonce)
        return try StatementDraft(claims: claims, payload: .registerWork(payload)).signed(by: account.key)
    }
}

extension BenchHome {
    /// The account that registers a work.
    func claimant(_ number: Int) -> BenchAccount { accounts[number % accounts.count] }

    /// The registrations of a range of works, signed on all cores; each with some components.
    func registrations(
        _ numbers: Range<Int>, time: UInt64, lifetime: UInt64, components: Int = 0
    ) throws -> [Statement] {
        let statements = ParallelMap.run(numbers.count) { place in
            let work = BenchWork(number: numbers.lowerBound + place, componentCount: components)
            return Result { () throws(Refusal) in
                try work.registration(by: claimant(work.number), chain: chain, time: time, lifetime: lifetime)
            }
        }
        return try statements.map { try $0.get() }
    }
}
