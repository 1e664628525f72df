import Foundation
import ProvChain

/// Shapes made by formula, as anyone's program would make them.
enum Shapes {
    /// Points over a rectangle of parameters, two triangles for each cell. Points that coincide stay apart.
    static func patch(_ columns: Int, _ rows: Int, _ point: (Double, Double) -> (Double, Double, Double)) -> Mesh {
        var mesh = Mesh(positions: [], triangles: [])
        for row in 0...rows {
            for column in 0...columns {
                let (x, y, z) = point(Double(column) / Double(columns), Double(row) / Double(rows))
                mesh.positions.append(Mesh.Position(Float(x), Float(y), Float(z)))
            }
        }
        for row in 0..<rows {
            for column in 0..<columns {
                let a = UInt32(row * (columns + 1) + column)
                let b = a + UInt32(columns + 1)
                mesh.triangles.append(Mesh.Triangle(a, a + 1, b + 1))
                mesh.triangles.append(Mesh.Triangle(a, b + 1, b))
            }
        }
        return mesh
    }

    static func joined(_ parts: [Mesh]) -> Mesh {
        var whole = Mesh(positions: [], triangles: [])
        for part in parts {
            let base = UInt32(whole.positions.count)
            whole.positions += part.positions
            whole.triangles += part.triangles.map { Mesh.Triangle($0.a + base, $0.b + base, $0.c + base) }
        }
        return whole
    }

    /// Turns a profile (distance from the axis, height) around the axis. Corners of the turn are exact where they
    /// meet: the last column is the first.
    static func turned(_ profile: [(Double, Double)], sides: Int) -> Mesh {
        let rows = profile.count - 1
        return patch(sides, rows) { u, v in
            let (radius, height) = profile[Int((v * Double(rows)).rounded())]
            let angle = u >= 1 ? 0 : 2 * Double.pi * u
            return (radius * cos(angle), radius * sin(angle), height)
        }
    }

    static func box(_ x: Double, _ y: Double, _ z: Double, cells: Int = 1) -> Mesh {
        joined([
            patch(cells, cells) { (x * $0, y * $1, 0) }, patch(cells, cells) { (x * $0, y * $1, z) },
            patch(cells, cells) { (x * $0, 0, z * $1) }, patch(cells, cells) { (x * $0, y, z * $1) },
            patch(cells, cells) { (0, y * $0, z * $1) }, patch(cells, cells) { (x, y * $0, z * $1) },
        ])
    }

    static func sphere(sides: Int, rings: Int) -> Mesh {
        turned(
            (0...rings).map { ring in
                let angle = Double.pi * Double(ring) / Double(rings)
                return (ring == 0 || ring == rings ? 0 : sin(angle), cos(angle))
            }, sides: sides)
    }

    static func torus(_ tube: Double, sides: Int = 48, rings: Int = 24) -> Mesh {
        turned(
            (0...rings).map { ring in
                let angle = ring == rings ? 0 : 2 * Double.pi * Double(ring) / Double(rings)
                return (1 + tube * cos(angle), tube * sin(angle))
            }, sides: sides)
    }

    /// Half spheres of radius 1 with a cylinder between.
    static func capsule(_ length: Double, sides: Int = 32, rings: Int = 16) -> Mesh {
        let arc = (0...rings).map { ring in Double.pi / 2 * Double(ring) / Double(rings) }
        return turned(
            arc.map { ($0 == 0 ? 0 : sin($0), length / 2 + cos($0)) }
                + arc.reversed().map { ($0 == 0 ? 0 : sin($0), -length / 2 - cos($0)) }, sides: sides)
    }
}

/// A generator whose numbers every run repeats.
struct Repeatable: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

extension Mesh {
    /// The same triangles in another order, their corners turned, their points renumbered.
    func shuffled(_ seed: UInt64) -> Mesh {
        var random = Repeatable(state: seed)
        let order = positions.indices.shuffled(using: &random)
        var places = [UInt32](repeating: 0, count: positions.count)
        for (place, old) in order.enumerated() { places[old] = UInt32(place) }
        return Mesh(
            positions: order.map { positions[$0] },
            triangles: triangles.shuffled(using: &random).map { triangle in
                let corners = [triangle.a, triangle.b, triangle.c].map { places[Int($0)] }
                let turn = Int.random(in: 0..<3, using: &random)
                return Mesh.Triangle(corners[turn], corners[(turn + 1) % 3], corners[(turn + 2) % 3])
            })
    }

    func moved(_ change: (Double, Double, Double) -> (Double, Double, Double)) -> Mesh {
        var mesh = self
        mesh.positions = positions.map {
            let (x, y, z) = change(Double($0.x), Double($0.y), Double($0.z))
            return Mesh.Position(Float(x), Float(y), Float(z))
        }
        return mesh
    }

    /// Something no list of primitives has.
    static func lump(_ seed: UInt64, sides: Int = 24, rings: Int = 16) -> Mesh {
        var random = Repeatable(state: seed)
        let waves = (0..<6).map { _ in
            (
                Double.random(in: 1...4, using: &random), Double.random(in: 1...4, using: &random),
                Double.random(in: 1...4, using: &random), Double.random(in: 0.1...0.5, using: &random)
            )
        }
        return Shapes.sphere(sides: sides, rings: rings).moved { x, y, z in
            let stretch = 1 + waves.reduce(0) { $0 + $1.3 * sin($1.0 * x + $1.1 * y + $1.2 * z) }
            return (x * stretch * (1 + 0.3 * Double(seed % 4)), y * stretch, z * stretch * 0.8)
        }
    }
}

func printsOf(_ meshes: [Mesh], placements: [MeshPlacement] = [.identity]) throws -> AssetPrints {
    var budget = AssetBudget()
    return try AssetPrints.measure([PrintSource(meshes, placements: placements)], budget: &budget)
}
