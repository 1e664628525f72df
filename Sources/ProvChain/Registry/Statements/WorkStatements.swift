/// The files of one version, as hashes: what a registration and a further version have in common.
public struct VersionContent: Hashable, Sendable, CBORCodable {
    /// The root of the Merkle tree over the manifest's leaves.
    public let manifestRoot: Digest
    /// The manifest's bytes, kept as an attachment.
    public let manifest: AttachmentReference
    /// The media type of the main file.
    public let mediaType: String
    /// Bytes of all files together.
    public let size: UInt64
    /// Exact hashes worth contesting: of files and of components. Ascending, at most
    /// ``Limits/distinctiveComponents``.
    public let distinctive: [Digest]

    public init(
        manifestRoot: Digest, manifest: AttachmentReference, mediaType: String, size: UInt64, distinctive: [Digest]
    ) {
        self.manifestRoot = manifestRoot
        self.manifest = manifest
        self.mediaType = mediaType
        self.size = size
        self.distinctive = distinctive
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(5)
        writer.uint(1)
        writer.digest(manifestRoot)
        writer.uint(2)
        writer.value(manifest)
        writer.uint(3)
        writer.text(mediaType)
        writer.uint(4)
        writer.uint(size)
        writer.uint(5)
        writer.digests(distinctive)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        manifestRoot = try reader.digest()
        try map.key(2, &reader)
        manifest = try reader.value()
        try map.key(3, &reader)
        mediaType = try reader.mediaType()
        try map.key(4, &reader)
        size = try reader.uint(atMost: Limits.exactInteger)
        try map.key(5, &reader)
        let start = reader.offset
        distinctive = try reader.digests(atMost: Limits.distinctiveComponents)
        try map.finish(reader)
        guard zip(distinctive, distinctive.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw CBORError(.invalidValue("distinctive hashes must ascend without repetition"), at: start)
        }
    }
}

/// Something a court may ask about the time before registration: a hash, never the thing itself.
public struct Evidence: Hashable, Sendable, CBORCodable {
    public let kind: EvidenceKind
    /// SHA-256 of the evidence, or a salted commitment to it.
    public let commitment: Digest
    /// Unix seconds at which it was collected, as asserted.
    public let collected: UInt64

    public init(kind: EvidenceKind, commitment: Digest, collected: UInt64) {
        self.kind = kind
        self.commitment = commitment
        self.collected = collected
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.uint(kind.rawValue)
        writer.digest(commitment)
        writer.uint(collected)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        kind = try reader.vocabulary(EvidenceKind.self)
        commitment = try reader.digest()
        collected = try reader.uint(atMost: Limits.exactInteger)
    }
}

/// A claim to a creation, with the first version of its files.
public struct RegisterWork: Hashable, Sendable, CBORCodable {
    public let category: WorkCategory
    public let basis: ClaimBasis
    /// ``WorkMetadata`` (title, description, names of authors), kept as an attachment.
    public let metadata: AttachmentReference
    public let content: VersionContent
    /// The claimant's declared licence, an SPDX expression.
    public let spdx: String?
    public let evidence: [Evidence]

    public init(
        category: WorkCategory, basis: ClaimBasis, metadata: AttachmentReference, content: VersionContent,
        spdx: String? = nil, evidence: [Evidence] = []
    ) {
        self.category = category
        self.basis = basis
        self.metadata = metadata
        self.content = content
        self.spdx = spdx
        self.evidence = evidence
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(5 + (spdx == nil ? 0 : 1) + (evidence.isEmpty ? 0 : 1))
        writer.uint(1)
        writer.uint(1)
        writer.uint(2)
        writer.uint(category.rawValue)
        writer.uint(3)
        writer.uint(basis.rawValue)
        writer.uint(4)
        writer.value(metadata)
        writer.uint(5)
        writer.value(content)
        if let spdx {
            writer.uint(6)
            writer.text(spdx)
        }
        if !evidence.isEmpty {
            writer.uint(7)
            writer.list(evidence)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.key(2, &reader)
        category = try reader.vocabulary(WorkCategory.self)
        try map.key(3, &reader)
        basis = try reader.vocabulary(ClaimBasis.self)
        try map.key(4, &reader)
        metadata = try reader.value()
        try map.key(5, &reader)
        content = try reader.value()
        spdx = try map.optionalKey(6, &reader) ? try reader.spdx() : nil
        if try map.optionalKey(7, &reader) {
            let start = reader.offset
            evidence = try reader.list(atMost: Limits.evidence)
            guard !evidence.isEmpty else { throw CBORError(.invalidValue("an empty list is left out"), at: start) }
        } else {
            evidence = []
        }
        try map.finish(reader)
    }
}

/// A further version of a work that its claimant registered.
public struct AddVersion: Hashable, Sendable, CBORCodable {
    public let content: VersionContent
    /// The sequence number of the version that this one follows: the latest one.
    public let previous: UInt32

    public init(content: VersionContent, previous: UInt32) {
        self.content = content
        self.previous = previous
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(3)
        writer.uint(1)
        writer.uint(1)
        writer.uint(2)
        writer.value(content)
        writer.uint(3)
        writer.uint(UInt64(previous))
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.key(2, &reader)
        content = try reader.value()
        try map.key(3, &reader)
        previous = UInt32(try reader.uint(atMost: UInt64(UInt32.max)))
        try map.finish(reader)
    }
}

extension CBORReader {
    /// A media type: `type/subtype` in printable ASCII, at most ``Limits/mediaTypeBytes``.
    mutating func mediaType() throws(CBORError) -> String {
        let start = offset
        let text = try text(atMost: Limits.mediaTypeBytes)
        let bytes = text.utf8
        let slash = UInt8(ascii: "/")
        let isPrintable = bytes.allSatisfy { (0x20...0x7e).contains($0) }
        let slashes = bytes.reduce(0) { $1 == slash ? $0 + 1 : $0 }
        guard isPrintable, slashes == 1, bytes.first != slash, bytes.last != slash else {
            throw CBORError(.invalidValue("not a media type"), at: start)
        }
        return text
    }

    /// An SPDX licence expression: letters, digits and `.-+():/ `, at most ``Limits/spdxBytes``.
    mutating func spdx() throws(CBORError) -> String {
        let start = offset
        let text = try text(atMost: Limits.spdxBytes)
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: ".-+():/ ".utf8.contains(byte)
            }
        }
        guard isAllowed, !text.isEmpty else { throw CBORError(.invalidValue("not an SPDX expression"), at: start) }
        return text
    }
}
