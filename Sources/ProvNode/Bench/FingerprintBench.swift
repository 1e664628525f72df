import Dispatch
import Glibc
import ProvChain

/// How fast a file and a model are fingerprinted, and a million prints searched.
///
/// Everything is made by formula, in memory but for the file that may be asked for.
struct FingerprintBench {
    /// Triangles of the model.
    let triangles: Int
    /// Prints to search.
    let prints: Int
    /// Size of the file that is written to be hashed; 0: only memory is hashed.
    let fileGibibytes: Int
    let runs: Int

    func run() throws -> BenchReport {
        var report = BenchReport("fingerprint")
        report.results = try HashingBench(fileGibibytes: fileGibibytes, runs: runs).run()
        let before = ProcessUsage.peakMebibytes()
        report.results += try model()
        report.results.append(
            .init(
                "peak_memory_mebibytes", [ProcessUsage.peakMebibytes()],
                note: "of the process after the model; \(Int(before)) before it"))
        report.results.append(search())
        return report
    }

    // MARK: A model

    /// A closed surface with bumps: two triangles for each cell of a square of longitudes and latitudes.
    static func model(triangles: Int) -> Mesh {
        let side = max(8, Int((Double(triangles) / 2).squareRoot()))
        var mesh = Mesh(positions: [], triangles: [])
        mesh.positions.reserveCapacity((side + 1) * (side + 1))
        for row in 0...side {
            let latitude = Double.pi * Double(row) / Double(side)
            for column in 0...side {
                // The last column is the first: the seam is welded.
                let longitude = 2 * Double.pi * Double(column % side) / Double(side)
                let bump = 1 + 0.1 * sin(5 * longitude) * sin(7 * latitude) + 0.2 * cos(3 * latitude)
                let ring = row == 0 || row == side ? 0 : sin(latitude)
                mesh.positions.append(
                    Mesh.Position(
                        Float(bump * ring * cos(longitude)), Float(bump * ring * sin(longitude)),
                        Float(1.5 * bump * cos(latitude))))
            }
        }
        for row in 0..<side {
            for column in 0..<side {
                let a = UInt32(row * (side + 1) + column)
                let b = a + UInt32(side + 1)
                mesh.triangles.append(Mesh.Triangle(a, a + 1, b + 1))
                mesh.triangles.append(Mesh.Triangle(a, b + 1, b))
            }
        }
        return mesh
    }

    private func model() throws -> [BenchReport.Result] {
        let mesh = Self.model(triangles: triangles)
        let count = mesh.triangles.count
        var prints: [Double] = []
        var leaves: [Double] = []
        for _ in 0..<runs {
            prints.append(
                try Stopwatch.seconds {
                    var budget = AssetBudget()
                    let found = try AssetPrints.measure([PrintSource([mesh])], budget: &budget)
                    precondition(found.components.count == 1, "\(found.components.count) components of one surface")
                })
            leaves.append(
                try Stopwatch.seconds {
                    var budget = AssetBudget()
                    _ = try GeometryHash.leaf(of: mesh, budget: &budget)
                })
        }
        return [
            .init("print_seconds", prints, note: "welding and RSH-96 of \(count) triangles, one thread"),
            .init(
                "printed_triangles_per_second", prints.map { Double(count) / $0 },
                note: "the same; one component, so one print"),
            .init("geometry_leaf_seconds", leaves, note: "exact GEO leaf of \(count) triangles, one thread"),
        ]
    }

    // MARK: The search

    private func search() -> BenchReport.Result {
        let width = ShapePrint.byteCount
        // Small bytes, as prints have them: so distances are like those between real models.
        let rows = HashingBench.noise(1 << 20).map { $0 >> 2 }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prints * width)
        while bytes.count < prints * width { bytes += rows.prefix(prints * width - bytes.count) }
        guard let matrix = PrintMatrix(rows: bytes),
            let wanted = ShapePrint(bytes[(width * (prints / 2))...].prefix(width))
        else { preconditionFailure("\(bytes.count) bytes of \(prints) prints") }
        let times = (0..<max(runs, 5)).map { _ in
            var found = 0
            let seconds = Stopwatch.seconds { found = matrix.nearest(to: wanted).count }
            precondition(found > 0, "a print was not found among its own")
            return seconds * 1e3
        }
        return .init("search_milliseconds", times, note: "all within 120 of \(prints) prints, one thread")
    }
}
