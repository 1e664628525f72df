import Foundation
import ProvChain
import Testing

/// What is said about two assets whose shapes may look alike.
@Suite struct PrintComparisonTests {
    private func compared(_ first: [Mesh], _ second: [Mesh]) throws -> PrintComparison {
        let (a, b) = (try printsOf(first), try printsOf(second))
        let (there, back) = (PrintComparison(a, b), PrintComparison(b, a))
        #expect(there.verdict == back.verdict && there.distance == back.distance)
        #expect(there.parts?.distance == back.parts?.distance)
        return there
    }

    @Test func aTurnedCopyIsNearCertain() throws {
        let found = try compared([.lump(1)], [Mesh.lump(1).moved { (5 - 2 * $1, 2 * $2, 2 * $0) }])
        #expect(found.verdict == .nearCertain)
        #expect(try #require(found.distance) <= 2)
    }

    @Test func anotherShapeIsNone() throws {
        let found = try compared([.lump(1)], [.lump(2)])
        #expect(found.verdict == .none)
        #expect(try #require(found.distance) > ShapePrint.reviewDistance)
    }

    /// A copy stretched step by step goes through all three verdicts, exactly at the thresholds.
    @Test func theThresholdsAre60And120() throws {
        var seen: Set<PrintComparison.Verdict> = []
        for step in 0...40 {
            let stretched = Mesh.lump(3).moved { ($0 * (1 + 0.01 * Double(step)), $1, $2) }
            let found = try compared([.lump(3)], [stretched])
            let distance = min(try #require(found.distance), try #require(found.parts?.distance))
            let expected: PrintComparison.Verdict =
                distance <= 60 ? .nearCertain : distance <= 120 ? .forReview : .none
            #expect(found.verdict == expected, "\(step)")
            seen.insert(found.verdict)
        }
        #expect(seen == [.nearCertain, .forReview, .none])
    }

    @Test func aPartInAnotherSceneIsFoundThoughTheWholesDiffer() throws {
        let scene = [Mesh.lump(8), Mesh.lump(7).moved { ($0 + 9, $1, $2) }]
        let found = try compared([.lump(7)], scene)
        #expect(found.verdict == .nearCertain)
        #expect(try #require(found.distance) > ShapePrint.reviewDistance)
        #expect(try #require(found.parts).distance <= 2)
    }

    /// Whoever makes a sphere makes the same sphere.
    @Test func equalPrimitivesAndPlainShapesAreGeneric() throws {
        let sphere = Shapes.sphere(sides: 32, rings: 16)
        #expect(try compared([sphere], [sphere]) == compared([sphere], [sphere.shuffled(1)]))
        let spheres = try compared([sphere], [sphere])
        #expect(spheres.verdict == .generic && spheres.distance == 0 && spheres.parts == nil)
        let boxes = try compared([Shapes.box(1, 2, 3)], [Shapes.box(2, 4, 6)])
        #expect(boxes.verdict == .generic && boxes.parts == nil)
    }

    @Test func withoutAPrintNothingIsKnown() throws {
        let found = try compared([.lump(1)], [])
        #expect(found.verdict == .unknown && found.distance == nil && found.parts == nil)
    }
}
