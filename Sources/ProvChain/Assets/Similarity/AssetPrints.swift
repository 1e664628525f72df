/// Meshes that share a space, and where that space stands in the scene: the primitives of one glTF mesh with the
/// world matrices of its nodes, or all of an OBJ or STL.
public struct PrintSource: Sendable {
    public var meshes: [Mesh]
    /// None: the meshes are not in the scene, and not printed.
    public var placements: [MeshPlacement]

    public init(_ meshes: [Mesh], placements: [MeshPlacement] = [.identity]) {
        self.meshes = meshes
        self.placements = placements
    }
}

extension PrintSource {
    /// Sorts a scene into sources: meshes with the same placement share a space, whatever nodes they hang on, as they
    /// do after an export to OBJ; the same meshes at several places are one source.
    ///
    /// - Parameter instances: numbers of meshes, and where they stand. Their order does not matter.
    public static func grouped(
        _ meshes: [Mesh], instances: [(mesh: Int, placement: MeshPlacement)]
    ) -> [PrintSource] {
        var places: [MeshPlacement] = []
        var members: [MeshPlacement: [Int]] = [:]
        for instance in instances {
            precondition(meshes.indices.contains(instance.mesh), "mesh \(instance.mesh) of \(meshes.count)")
            if members[instance.placement] == nil { places.append(instance.placement) }
            members[instance.placement, default: []].append(instance.mesh)
        }
        var numbers: [[Int]: Int] = [:]
        var sources: [PrintSource] = []
        for place in places {
            let group = (members[place] ?? []).sorted()
            if let number = numbers[group] {
                sources[number].placements.append(place)
            } else {
                numbers[group] = sources.count
                sources.append(PrintSource(group.map { meshes[$0] }, placements: [place]))
            }
        }
        return sources
    }
}

/// A shape and its print.
public struct PrintedShape: Hashable, Sendable {
    /// Whether a resemblance of this shape says anything.
    public enum Distinction: Hashable, Sendable {
        case distinctive
        /// Fewer than `AssetPrints.distinctiveTriangles`.
        case fewTriangles
        /// A box looks like every other box. How far the print is from that of a listed primitive.
        case primitive(PrimitiveShape, distance: Int)
    }

    public let print: ShapePrint
    public let triangles: Int
    /// How often the asset has exactly this print.
    public let occurrences: Int
    public let distinction: Distinction

    public var isDistinctive: Bool { distinction == .distinctive }
}

/// The prints of a 3D asset: one of the whole as it stands, and one of each connected component.
///
/// The whole finds copies of the whole; only components find a part that went into another scene. Both are computed
/// in bounded time: a component too many is counted, not printed.
public struct AssetPrints: Hashable, Sendable {
    /// Components with fewer are not printed.
    public static let printedTriangles = 40
    /// Components with fewer are too plain to tell apart. They are printed all the same, because a simplified copy
    /// of a distinctive component has fewer triangles than that.
    public static let distinctiveTriangles = 100
    /// What printing all components may cost, in samples: a component takes about 12,000, and one more for each
    /// triangle. Those with most triangles come first.
    public static let maximumComponentSamples = 1 << 22
    /// Triangles of the asset print, if nodes place meshes several times; or those stored, if they are more.
    public static let maximumPlacedTriangles = 1 << 22

    /// `nil` if the asset has no area, or more triangles than a print takes.
    public let whole: PrintedShape?
    /// Components with at least `printedTriangles`, primitives among them; by triangles, the most first, then by
    /// print. Components with one print are one entry.
    public let components: [PrintedShape]
    /// Components with fewer triangles than `printedTriangles`.
    public let smallComponents: Int
    /// Components left out because of `maximumComponentSamples`, or without an area.
    public let unprintedComponents: Int

    /// - Parameter componentSamples: what printing components may cost, besides a sample for each triangle.
    /// - Throws: `AssetError.overBudget`; `.invalid` for over a billion triangles in one source.
    public static func measure(
        _ sources: [PrintSource], budget: inout AssetBudget, componentSamples: Int = maximumComponentSamples
    ) throws(AssetError) -> AssetPrints {
        var places: [Place] = []
        for source in sources where !source.placements.isEmpty {
            places.append(Place(try WeldedMesh(source.meshes, budget: &budget), source.placements))
        }
        let stored = places.reduce(0) { $0 + $1.mesh.triangleCount }
        let (surfaces, placed) = Self.surfaces(places, maximum: max(stored, maximumPlacedTriangles))
        try budget.pay(max(placed, stored), of: PrintGrid.bytesPerTriangle, at: "prints")
        let whole = PrintGrid(surfaces).flatMap { ShapePrint($0) }
        var printing = ComponentPrinting(remaining: componentSamples + stored)
        if surfaces.count == 1, places.count == 1, places[0].mesh.components.count == 1 {
            // The whole is the component, placed alike: its print is the same.
            printing.known = whole
        }
        printing.run(places)
        return AssetPrints(
            whole: whole.map { PrintedShape($0, triangles: placed, occurrences: 1) },
            components: printing.found.map {
                PrintedShape($0, triangles: $1.triangles, occurrences: $1.occurrences)
            }.sorted {
                $0.triangles != $1.triangles
                    ? $0.triangles > $1.triangles : $0.print.bytes.lexicographicallyPrecedes($1.print.bytes)
            },
            smallComponents: printing.small, unprintedComponents: printing.unprinted)
    }

    /// Everything in the scene; a single placement without its translation, which changes nothing but rounding.
    /// Nothing at all if there are more than `maximum` triangles.
    private static func surfaces(_ places: [Place], maximum: Int) -> (surfaces: [PrintGrid.Surface], triangles: Int) {
        var count = 0
        for place in places {
            let (triangles, overflow) = place.mesh.triangleCount.multipliedReportingOverflow(by: place.count)
            guard !overflow, triangles <= maximum - count else { return ([], 0) }
            count += triangles
        }
        let isSingle = places.count == 1 && places[0].count == 1
        let surfaces = places.flatMap { place in
            place.placements.map { PrintGrid.Surface(place.mesh, isSingle ? $0.unmoved : $0) }
        }
        return (surfaces, count)
    }
}

/// A welded mesh and where it stands.
private struct Place {
    let mesh: WeldedMesh
    let placements: [MeshPlacement]
    /// The placements without their translations, each once.
    let turns: [(placement: MeshPlacement, count: Int)]

    var count: Int { placements.count }

    init(_ mesh: WeldedMesh, _ placements: [MeshPlacement]) {
        self.mesh = mesh
        self.placements = placements
        var numbers: [MeshPlacement: Int] = [:]
        var turns: [(placement: MeshPlacement, count: Int)] = []
        for placement in placements.map(\.unmoved) {
            if let number = numbers[placement] {
                turns[number].count += 1
            } else {
                numbers[placement] = turns.count
                turns.append((placement, 1))
            }
        }
        self.turns = turns
    }
}

/// Prints components, the largest first, as long as there are samples to spend.
private struct ComponentPrinting {
    var remaining: Int
    /// The print of the first component, if it is known already.
    var known: ShapePrint?
    private(set) var found: [ShapePrint: (triangles: Int, occurrences: Int)] = [:]
    private(set) var small = 0
    private(set) var unprinted = 0

    init(remaining: Int) { self.remaining = remaining }

    private struct Candidate {
        let place: Int
        let component: WeldedMesh.Component
        /// The smallest of its points: no two components of one mesh share a point.
        let first: SIMD3<Float>
    }

    mutating func run(_ places: [Place]) {
        var candidates: [Candidate] = []
        for (number, place) in places.enumerated() {
            for component in place.mesh.components {
                if component.triangles.count < AssetPrints.printedTriangles {
                    small += place.count
                } else {
                    candidates.append(
                        Candidate(place: number, component: component, first: place.mesh.first(component)))
                }
            }
        }
        candidates.sort { a, b in
            if a.component.triangles.count != b.component.triangles.count {
                return a.component.triangles.count > b.component.triangles.count
            }
            if a.place != b.place { return a.place < b.place }
            return WeldedMesh.precedes(a.first, b.first)
        }
        for candidate in candidates {
            for turn in places[candidate.place].turns {
                guard let print = print(places[candidate.place].mesh, candidate.component, turn.placement) else {
                    unprinted += turn.count
                    continue
                }
                let triangles = candidate.component.triangles.count
                let before = found[print] ?? (triangles, 0)
                found[print] = (max(before.triangles, triangles), before.occurrences + turn.count)
            }
        }
    }

    private mutating func print(
        _ mesh: WeldedMesh, _ component: WeldedMesh.Component, _ placement: MeshPlacement
    ) -> ShapePrint? {
        if let print = known {
            known = nil
            return print
        }
        guard remaining > 0 else { return nil }
        // Even what has no area is work.
        remaining -= component.triangles.count
        guard let grid = PrintGrid([PrintGrid.Surface(mesh, component, placement)]) else { return nil }
        let samples = grid.sampleCount
        guard samples <= remaining else {
            remaining = 0
            return nil
        }
        remaining -= samples
        return ShapePrint(grid)
    }
}

extension PrintedShape {
    init(_ print: ShapePrint, triangles: Int, occurrences: Int) {
        let distinction: Distinction
        if triangles < AssetPrints.distinctiveTriangles {
            distinction = .fewTriangles
        } else if let nearest = PrimitiveShape.nearest(to: print) {
            distinction = .primitive(nearest.shape, distance: nearest.distance)
        } else {
            distinction = .distinctive
        }
        self.init(print: print, triangles: triangles, occurrences: occurrences, distinction: distinction)
    }
}
