extension AssetFingerprint {
    /// What the shapes look like: of the scene that the file shows first, and of its components. Meshes of a file
    /// whose first scene shows none share one space, their own.
    ///
    /// - Throws: `AssetError.overBudget`, and `.invalid` for over a billion triangles in one space.
    public func prints(budget: inout AssetBudget) throws(AssetError) -> AssetPrints {
        try budget.pay(instances.count, of: Self.printedInstanceBytes, at: "instances")
        let placed: [(mesh: Int, placement: MeshPlacement)] = instances.compactMap { instance in
            MeshPlacement(columns: instance.matrix.elements).map { (instance.mesh, $0) }
        }
        let inUse = placed.isEmpty ? Set(components.compactMap(\.mesh)).sorted().map { ($0, .identity) } : placed
        return try AssetPrints.measure(PrintSource.grouped(meshes, instances: inUse), budget: &budget)
    }

    /// What a mesh in the scene takes while prints are made: its matrix several times, and where its surface is.
    static let printedInstanceBytes = 512

    /// A mesh whose exact hash is worth claiming.
    public struct DistinctiveShape: Hashable, Sendable {
        /// Of its `GEO` component.
        public let hash: Digest
        public let triangles: Int
    }

    /// How many meshes are measured to find distinctive ones; the rest, with fewer triangles, are not named.
    public static let maximumMeasuredShapes = 1_024
    /// What measuring them may cost, in samples, besides one for each triangle: a mesh takes about 12,000.
    public static let maximumMeasuredSamples = 1 << 22

    /// The meshes that a claim may name, those with most triangles first, each hash once: at least
    /// ``AssetPrints/distinctiveTriangles``, and no primitive, because everyone who makes a sphere makes the same.
    ///
    /// - Parameters:
    ///   - limit: the most to return.
    ///   - bytes: what measuring one mesh may take; one that takes more counts as distinctive.
    public func distinctiveShapes(
        atMost limit: Int = Limits.distinctiveComponents, bytes: Int = AssetBudget.standardBytes
    ) -> [DistinctiveShape] {
        var hashes: Set<Digest> = []
        let candidates = components.compactMap { component -> (shape: DistinctiveShape, mesh: Int)? in
            guard component.kind == .geometry, let mesh = component.mesh else { return nil }
            let triangles = meshes[mesh].triangles.count
            guard triangles >= AssetPrints.distinctiveTriangles, hashes.insert(component.hash).inserted else {
                return nil
            }
            return (DistinctiveShape(hash: component.hash, triangles: triangles), mesh)
        }
        var shapes: [DistinctiveShape] = []
        var samples = Self.maximumMeasuredSamples + candidates.reduce(0) { $0 + $1.shape.triangles }
        let sorted = candidates.sorted { ($1.shape.triangles, $0.shape.hash) < ($0.shape.triangles, $1.shape.hash) }
        for candidate in sorted.prefix(Self.maximumMeasuredShapes) where shapes.count < limit && samples > 0 {
            var budget = AssetBudget(bytes: bytes)
            samples -= candidate.shape.triangles
            if PrintedShape.isPrimitive(meshes[candidate.mesh], budget: &budget, samples: &samples) { continue }
            shapes.append(candidate.shape)
        }
        return shapes
    }
}

extension PrintedShape {
    /// Whether a mesh, all its components together, looks like a primitive. Not if it has no print.
    ///
    /// - Parameter samples: what it takes is taken off.
    static func isPrimitive(_ mesh: Mesh, budget: inout AssetBudget, samples: inout Int) -> Bool {
        guard let welded = try? WeldedMesh([mesh], budget: &budget),
            (try? budget.pay(welded.triangleCount, of: PrintGrid.bytesPerTriangle, at: "prints")) != nil,
            let grid = PrintGrid([PrintGrid.Surface(welded, .identity)])
        else { return false }
        samples -= grid.sampleCount
        return ShapePrint(grid).map { PrimitiveShape.nearest(to: $0) != nil } ?? false
    }
}
