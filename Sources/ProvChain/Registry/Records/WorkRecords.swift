/// A claim to a creation. It says who claims it since when, never who is right.
public struct WorkRecord: Record {
    public let category: WorkCategory
    public let claimant: Digest
    public let basis: ClaimBasis
    public let metadata: AttachmentReference
    public let spdx: String?
    /// Block time of the registration, milliseconds.
    public let registered: UInt64
    /// The sequence number of the latest version, from 1.
    public var versions: UInt32
    /// How many versions of other claimants' works share content with this one.
    public var contests: UInt64

    public init(
        category: WorkCategory, claimant: Digest, basis: ClaimBasis, metadata: AttachmentReference, spdx: String?,
        registered: UInt64, versions: UInt32, contests: UInt64
    ) {
        self.category = category
        self.claimant = claimant
        self.basis = basis
        self.metadata = metadata
        self.spdx = spdx
        self.registered = registered
        self.versions = versions
        self.contests = contests
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(spdx == nil ? 7 : 8)
        writer.uint(1)
        writer.uint(category.rawValue)
        writer.uint(2)
        writer.digest(claimant)
        writer.uint(3)
        writer.uint(basis.rawValue)
        writer.uint(4)
        writer.value(metadata)
        writer.uint(5)
        writer.uint(registered)
        writer.uint(6)
        writer.uint(UInt64(versions))
        writer.uint(7)
        writer.uint(contests)
        if let spdx {
            writer.uint(8)
            writer.text(spdx)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        category = try reader.vocabulary(WorkCategory.self)
        try map.key(2, &reader)
        claimant = try reader.digest()
        try map.key(3, &reader)
        basis = try reader.vocabulary(ClaimBasis.self)
        try map.key(4, &reader)
        metadata = try reader.value()
        try map.key(5, &reader)
        registered = try reader.uint()
        try map.key(6, &reader)
        versions = UInt32(try reader.uint(atMost: UInt64(UInt32.max)))
        try map.key(7, &reader)
        contests = try reader.uint()
        spdx = try map.optionalKey(8, &reader) ? try reader.spdx() : nil
        try map.finish(reader)
    }
}

/// One version of a work's files.
public struct VersionRecord: Record {
    public let content: ContentSummary
    /// Block time, milliseconds.
    public let registered: UInt64
    /// Works of other claimants that had claimed some of this content before; the first
    /// ``Limits/listedContests``, ascending. Not empty means: contested.
    public let contestedWith: [Digest]

    /// What the record keeps of a ``VersionContent``: the distinctive hashes have records of their own.
    public struct ContentSummary: Hashable, Sendable {
        public let manifestRoot: Digest
        public let manifest: AttachmentReference
        public let mediaType: String
        public let size: UInt64
    }

    public init(content: VersionContent, registered: UInt64, contestedWith: [Digest]) {
        self.content = ContentSummary(
            manifestRoot: content.manifestRoot, manifest: content.manifest, mediaType: content.mediaType,
            size: content.size)
        self.registered = registered
        self.contestedWith = contestedWith
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(6)
        writer.uint(1)
        writer.digest(content.manifestRoot)
        writer.uint(2)
        writer.value(content.manifest)
        writer.uint(3)
        writer.text(content.mediaType)
        writer.uint(4)
        writer.uint(content.size)
        writer.uint(5)
        writer.uint(registered)
        writer.uint(6)
        writer.digests(contestedWith)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        let root = try reader.digest()
        try map.key(2, &reader)
        let manifest: AttachmentReference = try reader.value()
        try map.key(3, &reader)
        let mediaType = try reader.mediaType()
        try map.key(4, &reader)
        let size = try reader.uint(atMost: Limits.exactInteger)
        content = ContentSummary(manifestRoot: root, manifest: manifest, mediaType: mediaType, size: size)
        try map.key(5, &reader)
        registered = try reader.uint()
        try map.key(6, &reader)
        contestedWith = try reader.digests(atMost: Limits.listedContests)
        try map.finish(reader)
    }
}

/// Who claimed an exact hash, first to last.
public struct ComponentRecord: Record {
    /// The first claim of each claimant, at most ``Limits/listedClaimants`` of them.
    public var claims: [ComponentClaim]
    /// All claims, listed or not.
    public var count: UInt64

    public struct ComponentClaim: Hashable, Sendable {
        public let claimant: Digest
        public let work: Digest
        public let version: UInt32
    }

    public init(claims: [ComponentClaim], count: UInt64) {
        self.claims = claims
        self.count = count
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(2)
        writer.uint(1)
        writer.array(claims.count)
        for claim in claims {
            writer.array(3)
            writer.digest(claim.claimant)
            writer.digest(claim.work)
            writer.uint(UInt64(claim.version))
        }
        writer.uint(2)
        writer.uint(count)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        var claims: [ComponentClaim] = []
        for _ in 0..<(try reader.array(atMost: Limits.listedClaimants)) {
            try reader.array(count: 3)
            let claimant = try reader.digest()
            let work = try reader.digest()
            let version = UInt32(try reader.uint(atMost: UInt64(UInt32.max)))
            claims.append(ComponentClaim(claimant: claimant, work: work, version: version))
        }
        self.claims = claims
        try map.key(2, &reader)
        count = try reader.uint()
        try map.finish(reader)
    }
}
