/// `manifest/1`: the files of one version of an asset, and the exact hashes of what is inside them.
///
/// Its root commits to the multiset of (type, hash) leaves and to nothing else, so that the same content
/// under other names, in another order or in another container has the same root, and so that one leaf can be
/// proven part of a scene without disclosing the scene. The bytes, which the statement names by their hash,
/// commit to the paths, sizes and similarity prints as well.
public struct Manifest: Hashable, Sendable, CBORCodable {
    public static let format = "manifest/1"

    /// At least one; the first is the main file. Paths are unique.
    public let files: [File]
    /// Leaves besides those of the files: components found inside them. Sorted, multiplicity kept.
    public let components: [Leaf]
    /// Similarity prints, by algorithm.
    public let prints: [Print]
    /// Codes of other schemes, such as ISCC.
    public let codes: [Code]

    public struct File: Hashable, Sendable {
        /// Relative, `/` as separator, no `.` or `..` segment.
        public let path: String
        public let mediaType: String
        /// Bytes.
        public let size: UInt64
        public let sha256: Digest

        public init(path: String, mediaType: String, size: UInt64, sha256: Digest) {
            self.path = path
            self.mediaType = mediaType
            self.size = size
            self.sha256 = sha256
        }
    }

    /// One exact hash with its type: `FILE`, or a component type such as `GEO` or `IMG`.
    public struct Leaf: Hashable, Sendable, Comparable {
        public let type: String
        public let hash: Digest

        public static let file = "FILE"
        public static let maximumTypeBytes = 16

        public init(type: String, hash: Digest) {
            self.type = type
            self.hash = hash
        }

        public static func < (a: Leaf, b: Leaf) -> Bool {
            a.type == b.type ? a.hash < b.hash : a.type.utf8.lexicographicallyPrecedes(b.type.utf8)
        }
    }

    /// A similarity print of the asset, or of the component at `leaf` in ``Manifest/components``.
    public struct Print: Hashable, Sendable {
        public let algorithm: String
        public let leaf: UInt64?
        public let bytes: [UInt8]

        public static let maximumBytes = 1_024

        public init(algorithm: String, leaf: UInt64?, bytes: [UInt8]) {
            self.algorithm = algorithm
            self.leaf = leaf
            self.bytes = bytes
        }
    }

    public struct Code: Hashable, Sendable {
        public let scheme: String
        public let value: String

        public static let maximumCount = 64
        public static let maximumBytes = 512

        public init(scheme: String, value: String) {
            self.scheme = scheme
            self.value = value
        }
    }

    public init(files: [File], components: [Leaf] = [], prints: [Print] = [], codes: [Code] = []) {
        self.files = files
        self.components = components.sorted()
        self.prints = prints
        self.codes = codes
    }

    /// All leaves of the tree in their order: one `FILE` leaf for each file, and the components.
    public var leaves: [Leaf] {
        (files.map { Leaf(type: Leaf.file, hash: $0.sha256) } + components).sorted()
    }

    /// The bytes of a leaf in the tree: CBOR `[tag, type, hash]`.
    public static func leafBytes(_ leaf: Leaf) -> [UInt8] {
        DomainTag.manifestLeaf.input(2) { writer in
            writer.text(leaf.type)
            writer.digest(leaf.hash)
        }
    }

    /// RFC 9162 root over ``leaves``.
    public var root: Digest {
        var tree = CompactTree()
        for leaf in leaves { tree.append(MerkleHash.leaf(Self.leafBytes(leaf))) }
        return tree.root
    }

    public var totalSize: UInt64 { files.reduce(0) { $0 &+ $1.size } }
}
