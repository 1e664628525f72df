import Foundation
import ProvChain

/// A model on disk, read as the library reads it.
struct ModelFile {
    enum Failure: Error {
        case unsupported(String)
    }

    let fingerprint: AssetFingerprint

    init(_ url: URL) throws {
        var budget = AssetBudget()
        let name = url.lastPathComponent
        fingerprint = AssetFingerprint.read(
            bytes: [UInt8](try Data(contentsOf: url)), name: name,
            resolve: { path, maximum in
                let file = url.deletingLastPathComponent().appendingPathComponent(path)
                guard let data = try? Data(contentsOf: file), data.count <= maximum else { return nil }
                return [UInt8](data)
            }, budget: &budget)
        guard fingerprint.structure == .verified else { throw Failure.unsupported("\(fingerprint.structure)") }
    }

    var meshes: [Mesh] { fingerprint.meshes }

    func prints() throws -> AssetPrints {
        var budget = AssetBudget()
        return try fingerprint.prints(budget: &budget)
    }

    /// The `GEO` leaves of all meshes.
    func geometry() throws -> [Digest] {
        var budget = AssetBudget()
        return try meshes.compactMap { try GeometryHash.leaf(of: $0, budget: &budget) }
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
