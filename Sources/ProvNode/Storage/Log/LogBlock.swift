import ProvChain

/// One final block as the log keeps it: the leaves it appends to the history tree (its statements, then its
/// header) and what proves it final.
struct LogBlock: Hashable, Sendable {
    let height: UInt64
    /// Block time in milliseconds.
    let time: UInt64
    /// At least one, the header last; each at most ``maximumLeafBytes`` long.
    let leaves: [[UInt8]]
    /// RFC 9162 hashes of `leaves`, in the same order.
    let leafHashes: [Digest]
    /// The finality certificate; empty for the genesis block.
    let certificate: [UInt8]

    /// What the 2-byte length of an entry bundle can say.
    static let maximumLeafBytes = EntryBundle.maximumEntryByteCount

    /// - Parameter leafHashes: given by whoever has them already, computed otherwise.
    init(height: UInt64, time: UInt64, leaves: [[UInt8]], leafHashes: [Digest]? = nil, certificate: [UInt8]) {
        self.height = height
        self.time = time
        self.leaves = leaves
        self.leafHashes = leafHashes ?? leaves.map { MerkleHash.leaf($0) }
        self.certificate = certificate
        precondition(self.leafHashes.count == leaves.count, "\(leaves.count) leaves, \(self.leafHashes.count) hashes")
        assert(leaves.isEmpty || self.leafHashes.last == MerkleHash.leaf(leaves[leaves.count - 1]), "hash of a leaf")
    }
}

extension LogBlock: CBORCodable {
    /// `[height, time, [leaf…], certificate]`.
    func encode(to writer: inout CBORWriter) {
        writer.array(4)
        writer.uint(height)
        writer.uint(time)
        writer.array(leaves.count)
        for leaf in leaves { writer.byteString(leaf) }
        writer.byteString(certificate)
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 4)
        let height = try reader.uint()
        let time = try reader.uint()
        let count = try reader.array()
        var leaves: [[UInt8]] = []
        leaves.reserveCapacity(count)
        for _ in 0..<count { leaves.append(try reader.byteString(atMost: Self.maximumLeafBytes)) }
        self.init(height: height, time: time, leaves: leaves, certificate: try reader.byteString())
    }
}

/// What the log keeps per height next to the tiles: where the block's header is, and why it is final.
struct LogCertificate: Hashable, Sendable, CBORCodable {
    let height: UInt64
    /// The index of the header leaf, the last leaf of the block.
    let headerLeafIndex: UInt64
    /// Milliseconds.
    let blockTime: UInt64
    let certificate: [UInt8]

    init(height: UInt64, headerLeafIndex: UInt64, blockTime: UInt64, certificate: [UInt8]) {
        self.height = height
        self.headerLeafIndex = headerLeafIndex
        self.blockTime = blockTime
        self.certificate = certificate
    }

    /// `[height, header leaf index, block time, certificate]`.
    func encode(to writer: inout CBORWriter) {
        writer.array(4)
        writer.uint(height)
        writer.uint(headerLeafIndex)
        writer.uint(blockTime)
        writer.byteString(certificate)
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 4)
        height = try reader.uint()
        headerLeafIndex = try reader.uint()
        blockTime = try reader.uint()
        certificate = try reader.byteString()
    }
}

/// How far the log goes.
struct LogExtent: Hashable, Sendable {
    /// Leaves of the history tree.
    var size: UInt64 = 0
    /// The number of blocks, which is the height of the next one.
    var blockCount: UInt64 = 0
    /// Time of the last block in milliseconds; 0 before the first.
    var lastTime: UInt64 = 0
    /// The root of the history tree.
    var root = MerkleHash.empty

    /// The height of the last block; `nil` before the first.
    var height: UInt64? { blockCount == 0 ? nil : blockCount - 1 }
}
