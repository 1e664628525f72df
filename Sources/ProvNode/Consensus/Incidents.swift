import Foundation
import ProvChain

/// What a node saw of the chain's troubles and must not forget when it is started again: that it found invalid what
/// a quorum stands behind, and who contradicted itself.
///
/// One small file, replaced as a whole and synced at each change. A divergence silences the node until its operator
/// settles it with `provnode resume`; evidence against others stays for people to look at.
struct Incidents: Equatable {
    /// A final block that was found invalid here.
    struct Divergence: Equatable {
        let view: UInt64
        let block: Digest
        /// Milliseconds since 1970, by this node's clock.
        let time: UInt64
        /// When the operator let the node vote again; `nil` before that.
        var settled: UInt64?
    }

    let chain: Digest
    /// Oldest first.
    private(set) var divergences: [Divergence] = []
    /// The first evidence against each validator.
    private(set) var equivocations: [UInt64: Equivocation] = [:]

    /// The latest divergences that are kept.
    static let maximumDivergences = 16
    private static let format = "provchain/incidents/1"
    /// Far more than the most that can be in it.
    private static let maximumBytes = 1 << 20

    init(chain: Digest) { self.chain = chain }

    /// What keeps this node from voting.
    var divergence: Simplex.Divergence? {
        divergences.last { $0.settled == nil }.map { .init(view: $0.view, block: $0.block) }
    }

    /// False if it is known already.
    mutating func note(view: UInt64, block: Digest, time: UInt64) -> Bool {
        guard !divergences.contains(where: { $0.block == block && $0.settled == nil }) else { return false }
        divergences.append(Divergence(view: view, block: block, time: time, settled: nil))
        if divergences.count > Self.maximumDivergences { divergences.removeFirst() }
        return true
    }

    /// False if evidence against this validator is there already.
    mutating func note(_ found: Equivocation) -> Bool {
        guard equivocations[found.accused] == nil else { return false }
        equivocations[found.accused] = found
        return true
    }

    /// Lets the node vote again; false if no unsettled divergence names this block.
    mutating func settle(_ block: Digest, time: UInt64) -> Bool {
        var isFound = false
        for place in divergences.indices where divergences[place].block == block && divergences[place].settled == nil {
            divergences[place].settled = time
            isFound = true
        }
        return isFound
    }
}

extension Incidents: CBORCodable {
    /// CBOR `[format, chain, [[view, block, time, settled or null], …], [equivocation, …]]`.
    func encode(to writer: inout CBORWriter) {
        writer.array(4)
        writer.text(Self.format)
        writer.digest(chain)
        writer.array(divergences.count)
        for divergence in divergences {
            writer.array(4)
            writer.uint(divergence.view)
            writer.digest(divergence.block)
            writer.uint(divergence.time)
            if let settled = divergence.settled { writer.uint(settled) } else { writer.null() }
        }
        writer.list(equivocations.sorted { $0.key < $1.key }.map(\.value))
    }

    init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 4)
        try reader.text(exactly: Self.format)
        chain = try reader.digest()
        for _ in 0..<(try reader.array(atMost: Self.maximumDivergences)) {
            try reader.array(count: 4)
            let (view, block, time) = (try reader.uint(), try reader.digest(), try reader.uint())
            var settled: UInt64?
            if reader.isNull { try reader.null() } else { settled = try reader.uint() }
            divergences.append(Divergence(view: view, block: block, time: time, settled: settled))
        }
        for _ in 0..<(try reader.array(atMost: Limits.validators)) {
            let found: Equivocation = try reader.value()
            equivocations[found.accused] = found
        }
    }
}

extension Incidents {
    /// Reads a home's file; nothing has happened if there is none. One that is damaged stops the start: it may say
    /// that this node must not vote.
    static func load(_ home: NodeHome, chain: Digest) throws -> Incidents {
        let path = home.incidents
        guard let bytes = try LogFile.openIfPresent(path, .read)?.readAll() else { return Incidents(chain: chain) }
        let body = bytes.dropLast(Digest.byteCount)
        guard bytes.count <= maximumBytes, bytes.count > Digest.byteCount,
            SHA256.hash(Array(body)).bytes == Array(bytes.suffix(Digest.byteCount)),
            let incidents = try? Incidents(cbor: Array(body))
        else {
            throw HomeError.badFile(
                path,
                reason: Phrase(
                    "it is damaged, and it may say that this node must not vote. Run `provnode verify --deep`; if all "
                        + "is well, remove the file",
                    "它已损坏，而它可能表明本节点不得投票。请运行 `provnode verify --deep`；若一切正常，"
                        + "再移除该文件"))
        }
        guard incidents.chain == chain else {
            throw HomeError.badFile(path, reason: Phrase("it belongs to another chain", "它属于另一条链"))
        }
        return incidents
    }

    /// Replaces the file, durably: content, then the 32 bytes of its SHA-256.
    func write(to home: NodeHome) throws {
        let path = home.incidents
        let body = cbor
        let file = try LogFile.open(path + ".new", .replace(mode: 0o600))
        try file.write(body + SHA256.hash(body).bytes, at: 0)
        try file.sync()
        try LogFolder.rename(path + ".new", to: path)
        try LogFolder.sync(home.path)
    }
}
