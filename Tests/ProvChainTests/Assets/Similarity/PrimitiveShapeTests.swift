import Foundation
import ProvChain
import Testing

/// What everybody makes is recognised, and real models are not taken for it.
@Suite struct PrimitiveShapeTests {
    private static func distinction(_ mesh: Mesh) throws -> PrintedShape.Distinction {
        try #require(try printsOf([mesh]).whole).distinction
    }

    private static func shape(_ distinction: PrintedShape.Distinction) -> PrimitiveShape? {
        switch distinction {
        case .primitive(let shape, _): shape
        case .distinctive, .fewTriangles: nil
        }
    }

    private static func cylinder(_ height: Double, cells: Int, sides: Int) -> Mesh {
        let side = (0...cells).map { (1.0, height * Double($0) / Double(cells)) }
        return Shapes.turned([(0, 0)] + side + [(0, height)], sides: sides)
    }

    /// Whatever the triangulation, the place, the turn.
    @Test func primitivesAreKnown() throws {
        let turned = { (mesh: Mesh) in mesh.moved { (0.6 * $0 - 0.8 * $2 + 3, $1, 8 + 0.8 * $0 + 0.6 * $2) } }
        let cases: [(PrimitiveShape, Mesh)] = [
            (.box, Shapes.box(1, 1, 1, cells: 3)), (.box, Shapes.box(4, 2, 2, cells: 5)),
            (.plane, Shapes.patch(8, 8) { ($0, $1, 0) }), (.plane, Shapes.patch(30, 9) { ($0, 3 * $1, 0) }),
            (.sphere, Shapes.sphere(sides: 32, rings: 16)), (.sphere, Shapes.sphere(sides: 64, rings: 48)),
            (.cylinder, Self.cylinder(2, cells: 1, sides: 32)), (.cylinder, Self.cylinder(2, cells: 7, sides: 64)),
            (.cone, Shapes.turned([(0, 0), (1, 0), (0, 2)], sides: 48)), (.capsule, Shapes.capsule(2)),
            (.torus, Shapes.torus(0.25)), (.torus, Shapes.torus(0.5, sides: 64, rings: 32)),
            (.disc, Shapes.turned([(0, 0), (0.5, 0), (1, 0)], sides: 64)),
        ]
        for (expected, mesh) in cases {
            for placed in [mesh, turned(mesh)] {
                let found = try Self.distinction(placed)
                #expect(Self.shape(found) == expected, "\(found)")
            }
        }
    }

    @Test func lumpsAreDistinctive() throws {
        for seed: UInt64 in 1...4 { #expect(try Self.distinction(.lump(seed)) == .distinctive) }
    }

    /// Made by another program in another language, from the same idea of a box.
    @Test func theListWasMadeByTheSameAlgorithm() throws {
        let cube = try #require(try printsOf([Shapes.box(1, 1, 1, cells: 10)]).whole)
        switch cube.distinction {
        case .primitive(let shape, let distance): #expect(shape == .box && distance <= 8)
        case .distinctive, .fewTriangles: Issue.record("a cube is \(cube.distinction)")
        }
    }
}
