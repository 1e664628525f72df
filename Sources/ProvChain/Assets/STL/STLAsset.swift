/// An STL from an untrusted source, in its binary or its ASCII form: one mesh for each solid.
///
/// A file is binary if its length is that of its declared number of facets, whatever it starts with: binary files
/// whose header says `solid` are common.
public struct STLAsset: Hashable, Sendable {
    /// Three positions for each triangle, as the format stores them.
    public let meshes: [Mesh]
    public let isBinary: Bool

    static let headerBytes = 84
    static let facetBytes = 50

    /// - Throws: `AssetError.invalid` with one issue whose pointer is `byte n` or `line n`; `.overBudget`.
    public static func read(bytes: [UInt8], budget: inout AssetBudget) throws(AssetError) -> STLAsset {
        if bytes.count >= headerBytes {
            let count = (80..<84).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
            if bytes.count - headerBytes == count * facetBytes {
                return STLAsset(meshes: [try binary(bytes, count, &budget)], isBinary: true)
            }
        }
        guard bytes.starts(with: Array("solid".utf8)) else {
            throw .invalid([AssetIssue(.provTruncated, "byte \(bytes.count)")])
        }
        return STLAsset(meshes: try ascii(bytes, &budget), isBinary: false)
    }

    private static func pay(_ count: Int, _ budget: inout AssetBudget) throws(AssetError) {
        let size = 3 * MemoryLayout<Mesh.Position>.size + MemoryLayout<Mesh.Triangle>.size
        try budget.pay(count, of: size, at: "facets")
    }

    private static func mesh(_ positions: [Mesh.Position]) throws(AssetError) -> Mesh {
        guard let count = UInt32(exactly: positions.count) else {
            throw .invalid([AssetIssue(.provIndexOutOfRange, "facets")])
        }
        return Mesh(
            positions: positions,
            triangles: stride(from: 0, to: count, by: 3).map { Mesh.Triangle($0, $0 + 1, $0 + 2) })
    }

    private static func binary(
        _ bytes: [UInt8], _ count: Int, _ budget: inout AssetBudget
    ) throws(AssetError) -> Mesh {
        try pay(count, &budget)
        func float(_ at: Int) -> Float {
            Float(
                bitPattern: UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8 | UInt32(bytes[at + 2]) << 16
                    | UInt32(bytes[at + 3]) << 24)
        }
        var positions: [Mesh.Position] = []
        positions.reserveCapacity(3 * count)
        for facet in 0..<count {
            for corner in 0..<3 {
                // The facet's normal comes first.
                let at = headerBytes + facet * facetBytes + 12 + corner * 12
                let position = Mesh.Position(float(at), float(at + 4), float(at + 8))
                guard position.isFinite else { throw .invalid([AssetIssue(.provNotFinite, "byte \(at)")]) }
                positions.append(position)
            }
        }
        return try mesh(positions)
    }

    private static func ascii(_ bytes: [UInt8], _ budget: inout AssetBudget) throws(AssetError) -> [Mesh] {
        var meshes: [Mesh] = []
        var positions: [Mesh.Position]?
        // Corners of the open loop; `nil` outside of loops.
        var loop: Int?
        var lines = TextLines(bytes)
        while let line = try lines.next() {
            var place: String { "line \(lines.number)" }
            let words = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
            guard let first = words.first else { continue }
            switch (String(decoding: first, as: UTF8.self), positions == nil, loop) {
            case ("solid", true, _):
                // Even an empty one is a mesh.
                try budget.pay(1, of: 128, at: place)
                positions = []
            case ("facet", false, nil), ("endfacet", false, nil): break
            case ("outer", false, nil): loop = 0
            case ("vertex", false, .some(let corner)):
                let values = words.dropFirst().compactMap { TextLines.float($0) }
                guard corner < 3, values.count == 3, words.count == 4 else {
                    throw .invalid([AssetIssue(.provSyntax, place)])
                }
                let position = Mesh.Position(values[0], values[1], values[2])
                guard position.isFinite else { throw .invalid([AssetIssue(.provNotFinite, place)]) }
                positions?.append(position)
                loop = corner + 1
            case ("endloop", false, .some(3)):
                try pay(1, &budget)
                loop = nil
            case ("endsolid", false, nil):
                meshes.append(try mesh(positions ?? []))
                positions = nil
            default: throw .invalid([AssetIssue(.provSyntax, place)])
            }
        }
        guard positions == nil else { throw .invalid([AssetIssue(.provTruncated, "line \(lines.number)")]) }
        return meshes
    }
}
