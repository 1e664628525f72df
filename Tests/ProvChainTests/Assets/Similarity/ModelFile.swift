import Foundation
import ProvChain

/// A model on disk as meshes and their places in the scene.
struct ModelFile {
    enum Failure: Error {
        case unsupported(String)
        case layout(String)
    }

    var meshes: [Mesh] = []
    var instances: [(mesh: Int, placement: MeshPlacement)] = []

    init(_ url: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: url))
        var budget = AssetBudget()
        switch url.pathExtension.lowercased() {
        case "glb", "gltf": try gltf(url, bytes, &budget)
        case "obj": meshes = try OBJAsset.read(bytes: bytes, budget: &budget).meshes
        case "stl": meshes = try STLAsset.read(bytes: bytes, budget: &budget).meshes
        default: throw Failure.unsupported(url.pathExtension)
        }
        if instances.isEmpty { instances = meshes.indices.map { ($0, .identity) } }
    }

    func prints() throws -> AssetPrints {
        var budget = AssetBudget()
        return try AssetPrints.measure(PrintSource.grouped(meshes, instances: instances), budget: &budget)
    }

    /// The `GEO` leaves of all meshes.
    func geometry() throws -> [Digest] {
        var budget = AssetBudget()
        return try meshes.compactMap { try GeometryHash.leaf(of: $0, budget: &budget) }
    }

    // MARK: glTF's nodes

    private mutating func gltf(_ url: URL, _ bytes: [UInt8], _ budget: inout AssetBudget) throws {
        let asset = try GLTFAsset.read(
            bytes: bytes,
            resolve: { path, maximum in
                let file = url.deletingLastPathComponent().appendingPathComponent(path)
                guard let data = try? Data(contentsOf: file), data.count <= maximum else { return nil }
                return [UInt8](data)
            }, budget: &budget)
        guard case .verified = asset.structure else { throw Failure.unsupported("\(asset.structure)") }
        meshes = asset.meshes
        var text = Data(bytes)
        if bytes.starts(with: Array("glTF".utf8)) {
            let length = (12..<16).reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
            text = Data(bytes[20..<(20 + length)])
        }
        guard let root = try JSONSerialization.jsonObject(with: text) as? [String: Any] else {
            throw Failure.layout("JSON")
        }
        let entries = root["meshes"] as? [[String: Any]] ?? []
        var numbers: [[Int]] = []
        var count = 0
        for entry in entries {
            var own: [Int] = []
            for primitive in entry["primitives"] as? [[String: Any]] ?? []
            where (4...6).contains(primitive["mode"] as? Int ?? 4) {
                own.append(count)
                count += 1
            }
            numbers.append(own)
        }
        guard count == meshes.count else { throw Failure.layout("\(count) primitives, \(meshes.count) meshes") }
        let nodes = root["nodes"] as? [[String: Any]] ?? []
        let scenes = root["scenes"] as? [[String: Any]] ?? []
        guard !scenes.isEmpty else { return }
        var waiting = (scenes[root["scene"] as? Int ?? 0]["nodes"] as? [Int] ?? []).map { ($0, Self.unit) }
        while let (number, parent) = waiting.popLast() {
            let world = Self.product(parent, Self.local(nodes[number]))
            if let mesh = nodes[number]["mesh"] as? Int, let placement = MeshPlacement(columns: world) {
                instances += numbers[mesh].map { ($0, placement) }
            }
            waiting += (nodes[number]["children"] as? [Int] ?? []).map { ($0, world) }
        }
        if instances.isEmpty { throw Failure.layout("an empty scene") }
    }

    private static let unit: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

    private static func numbers(_ value: Any?, _ standard: [Double]) -> [Double] {
        (value as? [NSNumber])?.map(\.doubleValue) ?? standard
    }

    private static func local(_ node: [String: Any]) -> [Double] {
        if node["matrix"] != nil { return numbers(node["matrix"], unit) }
        let t = numbers(node["translation"], [0, 0, 0])
        let s = numbers(node["scale"], [1, 1, 1])
        let q = numbers(node["rotation"], [0, 0, 0, 1])
        let (x, y, z, w) = (q[0], q[1], q[2], q[3])
        let first: [Double] = [1 - 2 * (y * y + z * z), 2 * (x * y + z * w), 2 * (x * z - y * w), 0]
        let second: [Double] = [2 * (x * y - z * w), 1 - 2 * (x * x + z * z), 2 * (y * z + x * w), 0]
        let third: [Double] = [2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y), 0]
        var columns: [Double] = first.map { $0 * s[0] }
        columns += second.map { $0 * s[1] }
        columns += third.map { $0 * s[2] }
        columns += t
        columns.append(1)
        return columns
    }

    /// a · b, column by column, sums from left to right.
    private static func product(_ a: [Double], _ b: [Double]) -> [Double] {
        (0..<16).map { at in
            let (column, row) = (at / 4, at % 4)
            let first = a[row] * b[4 * column] + a[4 + row] * b[4 * column + 1]
            return first + a[8 + row] * b[4 * column + 2] + a[12 + row] * b[4 * column + 3]
        }
    }
}

/// Prints as they are written to JSON.
struct WrittenPrints: Codable, Equatable {
    struct Shape: Codable, Equatable {
        var print: String
        var triangles: Int
        var occurrences: Int
        var distinction: String

        init(_ shape: PrintedShape) {
            print = shape.print.hex
            triangles = shape.triangles
            occurrences = shape.occurrences
            switch shape.distinction {
            case .distinctive: distinction = "distinctive"
            case .fewTriangles: distinction = "few"
            case .primitive(let primitive, _): distinction = primitive.rawValue
            }
        }
    }

    var path: String
    var whole: Shape?
    var components: [Shape]
    var small: Int
    var unprinted: Int

    init(path: String, _ prints: AssetPrints) {
        self.path = path
        whole = prints.whole.map { Shape($0) }
        components = prints.components.map { Shape($0) }
        small = prints.smallComponents
        unprinted = prints.unprintedComponents
    }
}
