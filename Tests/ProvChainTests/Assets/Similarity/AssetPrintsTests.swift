import Foundation
import ProvChain
import Testing

/// What a print does not depend on, and what it does.
@Suite struct AssetPrintsTests {
    /// Stretched along x, then moved along it.
    private static func scaled(_ factor: Double, _ distance: Double) -> MeshPlacement {
        guard let placement = MeshPlacement(columns: [factor, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, distance, 0, 0, 1])
        else { preconditionFailure("16 numbers") }
        return placement
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func noOrderChangesAPrint(seed: UInt64) throws {
        let lump = Mesh.lump(seed)
        #expect(try printsOf([lump]) == printsOf([lump.shuffled(seed)]))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func whereItStandsHowItTurnsItsSizeAndItsHandednessDoNotMatter(seed: UInt64) throws {
        let lump = Mesh.lump(seed)
        let print = try #require(try printsOf([lump]).whole).print
        for turned in [
            lump.moved { (-$0, $1, $2) }, lump.moved { (100 * $0 + 7, 100 * $1 - 3, 100 * $2) },
            lump.moved { (0.6 * $0 - 0.8 * $1, 0.8 * $0 + 0.6 * $1, $2) },
            lump.moved { (1e-20 * $2, 1e-20 * $0, 1e-20 * $1) },
        ] {
            let other = try #require(try printsOf([turned]).whole).print
            #expect(print.distance(to: other) <= 2)
        }
        let placement = try #require(MeshPlacement(columns: [0, 2, 0, 0, 0, 0, 2, 0, 2, 0, 0, 0, 1, 2, 3, 1]))
        let placed = try #require(try printsOf([lump], placements: [placement]).whole).print
        #expect(print.distance(to: placed) <= 2)
    }

    @Test func differentShapesAreFarApart() throws {
        var meshes = (1...4).map { Mesh.lump($0) }
        meshes += [Shapes.torus(0.3), Shapes.box(1, 2, 5, cells: 4), Shapes.capsule(6)]
        let prints = try meshes.map { try #require(try printsOf([$0]).whole).print }
        for (a, b) in prints.indices.flatMap({ a in (0..<a).map { (a, $0) } }) {
            #expect(prints[a].distance(to: prints[b]) > ShapePrint.nearDistance)
        }
    }

    @Test func aPartIsFoundInAForeignScene() throws {
        let part = Mesh.lump(7)
        let scene = Shapes.joined([
            .lump(8), part.moved { (0.3 * $1 + 5, -0.3 * $0, 0.3 * $2) }, .lump(9).moved { ($0 - 9, $1, $2) },
        ])
        let (alone, inside) = (try printsOf([part]), try printsOf([scene.shuffled(1)]))
        let print = try #require(alone.components.first).print
        #expect(inside.components.count == 3)
        #expect(inside.components.contains { $0.print.distance(to: print) <= 2 })
        #expect(try #require(inside.whole).print.distance(to: print) > ShapePrint.reviewDistance)
    }

    /// Exporters cut by material: the cut goes through shared positions.
    @Test func primitivesOfOneMeshAreWelded() throws {
        let lump = Mesh.lump(4)
        var parts = [lump, lump]
        parts[0].triangles.removeAll { $0.a % 2 == 0 }
        parts[1].triangles.removeAll { $0.a % 2 != 0 }
        #expect(try printsOf(parts) == printsOf([lump]))
    }

    @Test func negativeZeroIsZero() throws {
        let lump = Mesh.lump(5)
        let signed = lump.moved { x, y, z in (x == 0 ? -0.0 : x, y == 0 ? -0.0 : y, z == 0 ? -0.0 : z) }
        #expect(try printsOf([signed]) == printsOf([lump]))
    }

    @Test func copiesAreOneEntryWithACount() throws {
        let lump = Mesh.lump(3)
        let places = (0..<5).map { Self.scaled(1, 10 * Double($0)) }
        let prints = try printsOf([lump], placements: places)
        #expect(prints.components.map(\.occurrences) == [5])
        #expect(prints.components.map(\.triangles) == [lump.triangles.count])
        #expect(prints.whole?.triangles == 5 * lump.triangles.count)
    }

    @Test func meshesAtOnePlaceShareASpace() throws {
        let meshes: [Mesh] = [.lump(1), .lump(2), .lump(3)]
        let (here, there) = (Self.scaled(1, 0), Self.scaled(1, 9))
        let sources = PrintSource.grouped(
            meshes, instances: [(1, here), (0, there), (0, here), (2, Self.scaled(2, 0)), (1, there)])
        #expect(sources.map(\.meshes) == [[meshes[0], meshes[1]], [meshes[2]]])
        #expect(sources.map(\.placements) == [[here, there], [Self.scaled(2, 0)]])
    }

    @Test func aMeshThatIsNotInTheSceneHasNoPrint() throws {
        let prints = try printsOf([.lump(1)], placements: [])
        #expect(prints.whole == nil && prints.components.isEmpty)
    }

    @Test func plainPartsAreCountedOnly() throws {
        let prints = try printsOf([Shapes.box(1, 1, 1), .lump(2)])
        #expect(prints.smallComponents == 1 && prints.components.count == 1)
        #expect(try printsOf([Shapes.box(1, 1, 1)]).whole?.distinction == .fewTriangles)
    }

    @Test func thereIsNoPrintWithoutArea() throws {
        let point = Mesh(positions: [Mesh.Position(1, 1, 1)], triangles: Array(repeating: .init(0, 0, 0), count: 200))
        let prints = try printsOf([point])
        #expect(prints.whole == nil && prints.components.isEmpty && prints.unprintedComponents == 1)
        let line = Mesh(
            positions: [.init(0, 0, 0), .init(1, 1, 1), .init(2, 2, 2)],
            triangles: Array(repeating: .init(0, 1, 2), count: 200))
        #expect(try printsOf([line]).whole == nil)
    }

    /// The radius of dust in a corner of the grid is rounded to nothing: once, that ended the process.
    @Test(arguments: [1, 3, 4, 8, 500])
    func thereIsNoPrintWithoutRadius(copies: Int) throws {
        let dust = Mesh(
            positions: [.init(0, 0, 0), .init(2, 0, 0), .init(0, 1, 0), .init(1_048_576, 0, 0)],
            triangles: Array(repeating: .init(0, 1, 2), count: copies) + [.init(3, 3, 3)])
        #expect(try (printsOf([dust]).whole == nil) == (copies > 3))
    }

    @Test func extremeNumbersDoNoHarm() throws {
        let huge = Float.greatestFiniteMagnitude
        for scale in [huge, Float.leastNonzeroMagnitude, 1e-38] {
            let mesh = Mesh(
                positions: [.init(-scale, 0, 0), .init(scale, 0, 0), .init(0, scale, 0), .init(0, 0, -scale)],
                triangles: Array(repeating: [.init(0, 1, 2), .init(1, 2, 3)], count: 60).flatMap(\.self))
            #expect(try printsOf([mesh]).whole != nil)
            let blown = MeshPlacement(columns: [1e300, 0, 0, 0, 0, 1e300, 0, 0, 0, 0, 1e300, 0, 0, 0, 0, 1])
            _ = try printsOf([mesh], placements: [try #require(blown)])
        }
        let nan = try #require(MeshPlacement(columns: Array(repeating: .nan, count: 16)))
        #expect(try printsOf([.lump(1)], placements: [nan]).whole == nil)
    }

    @Test func whatInstancesWouldCostIsRefused() throws {
        let places = (0..<20_000).map { Self.scaled(Double($0 + 1), 0) }
        var budget = AssetBudget()
        let prints = try AssetPrints.measure(
            [PrintSource([.lump(1)], placements: places)], budget: &budget, componentSamples: 60_000)
        #expect(prints.whole == nil)
        #expect((2...4).contains(prints.components.count))
        #expect(prints.unprintedComponents == 20_000 - prints.components.count)
        budget = AssetBudget(bytes: 1_000)
        #expect(throws: AssetError.self) { try AssetPrints.measure([PrintSource([.lump(1)])], budget: &budget) }
    }

    @Test func aRowOfBytesIsAPrintIfThereAre96() throws {
        let bytes = (0..<96).map { UInt8($0 * 2) }
        let print = try #require(ShapePrint(bytes))
        #expect(print.bytes == bytes && ShapePrint(hex: print.hex) == print)
        #expect(ShapePrint(bytes.dropLast()) == nil && ShapePrint(bytes + [0]) == nil)
        let zero = try #require(ShapePrint([UInt8](repeating: 0, count: 96)))
        let full = try #require(ShapePrint([UInt8](repeating: 255, count: 96)))
        #expect(zero.distance(to: full) == 96 * 255 && full.distance(to: zero) == 24_480)
        #expect(zero.distance(to: print) == 9_120)
        #expect(
            [0, 60, 61, 120, 121].map { ShapePrint.Resemblance(distance: $0) }
                == [.nearCertain, .nearCertain, .forReview, .forReview, .none])
    }
}
