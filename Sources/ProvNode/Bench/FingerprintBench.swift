import Dispatch
import Glibc
import ProvChain

/// How fast a file and a model are fingerprinted, and a million prints searched.
///
/// Everything is made by formula in memory: no disk is measured.
struct FingerprintBench {
    /// Triangles of the model.
    let triangles: Int
    /// Prints to search.
    let prints: Int
    let runs: Int

    static let hashedBytes = 64 << 20
    private static let pieceBytes = 1 << 20

    func run() throws -> BenchReport {
        var report = BenchReport("fingerprint")
        let piece = Self.noise(Self.pieceBytes)
        report.results = hashing(piece)
        let before = Self.peakMebibytes
        report.results += try model()
        report.results.append(
            .init(
                "peak_memory_mebibytes", [Self.peakMebibytes],
                note: "of the process after the model; \(Int(before)) before it"))
        report.results.append(search())
        return report
    }

    // MARK: Files

    /// Bytes that no compressor would shorten.
    private static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    private func hashing(_ piece: [UInt8]) -> [BenchReport.Result] {
        let rounds = Self.hashedBytes / piece.count
        let size = Double(Self.hashedBytes) / 1e6
        let sha256 = (0..<runs).map { _ in
            size
                / Stopwatch.seconds {
                    var hasher = SHA256()
                    for _ in 0..<rounds { hasher.update(piece) }
                    _ = hasher.finalize()
                }
        }
        func onePass(_ threads: Int) -> [Double] {
            (0..<runs).map { _ in
                Double(threads) * size
                    / Stopwatch.seconds {
                        DispatchQueue.concurrentPerform(iterations: threads) { _ in
                            var hasher = FileDigests.Hasher()
                            for _ in 0..<rounds { hasher.update(piece) }
                            _ = hasher.finalize()
                        }
                    }
            }
        }
        let limit = sha256.sorted()[runs / 2]
        let cores = SystemCores.count
        let size64 = "\(Self.hashedBytes >> 20) MiB from memory"
        return [
            .init("sha256_megabytes_per_second", sha256, note: "one thread, \(size64)"),
            .init(
                "one_pass_megabytes_per_second", onePass(1),
                note: "SHA-256, BLAKE3 and ISCC Data-Code in one pass, one thread; limit: SHA-256 alone", limit: limit),
            .init(
                "one_pass_megabytes_per_second", onePass(cores),
                note: "the same on \(cores) threads, a file each; limit: SHA-256 alone times threads",
                limit: limit * Double(cores)),
        ]
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
        let rows = Self.noise(1 << 20).map { $0 >> 2 }
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

    /// The most memory that the process ever held, as the kernel counts it.
    private static var peakMebibytes: Double {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("VmHWM:") else { continue }
            let words = text.split { $0 == " " || $0 == "\t" }
            return (words.count > 1 ? Double(words[1]) ?? 0 : 0) / 1_024
        }
        return 0
    }
}
