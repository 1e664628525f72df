/// What a manifest says of how its asset looks, for whoever searches for look-alikes. Claims of whoever made the
/// manifest: anybody who has the files can compute them again.
extension Manifest {
    /// A shape of the asset that is distinctive: not plain, and no primitive.
    public struct Shape: Hashable, Sendable {
        public let print: ShapePrint
        /// A connected component; else a whole file.
        public let isPart: Bool

        public init(print: ShapePrint, isPart: Bool) {
            self.print = print
            self.isPart = isPart
        }
    }

    /// What ``Print/algorithm`` says of a connected component. A whole has ``ShapePrint/version``.
    public static let partAlgorithm = ShapePrint.version + "/part"
    /// Shapes that a manifest lists, and that are read from one.
    public static let maximumShapes = 256
    /// What ``Code/scheme`` says of an ISCC-CODE.
    public static let isccScheme = "iscc"

    /// The prints to list: of the wholes, then of the components with the most triangles, each print once.
    public static func prints(of assets: [AssetPrints]) -> [Print] {
        var known: Set<ShapePrint> = []
        let wholes = assets.compactMap(\.whole).filter(\.isDistinctive).map { ($0, ShapePrint.version) }
        let parts = assets.flatMap(\.components).filter(\.isDistinctive)
            .sorted { ($1.triangles, $0.print.hex) < ($0.triangles, $1.print.hex) }.map { ($0, partAlgorithm) }
        let listed = (wholes + parts).filter { known.insert($0.0.print).inserted }.prefix(maximumShapes)
        return listed.map { Print(algorithm: $0.1, leaf: nil, bytes: $0.0.print.bytes) }
    }

    /// The shapes listed, at most ``maximumShapes``. Prints of other algorithms, and those near a primitive, which
    /// resemble what everybody makes, are passed over.
    public var shapes: [Shape] {
        var shapes: [Shape] = []
        for print in prints where shapes.count < Self.maximumShapes {
            let isPart = print.algorithm == Self.partAlgorithm
            guard isPart || print.algorithm == ShapePrint.version, let shape = ShapePrint(print.bytes),
                PrimitiveShape.nearest(to: shape) == nil
            else { continue }
            shapes.append(Shape(print: shape, isPart: isPart))
        }
        return shapes
    }

    /// The ISCC-CODE of the main file, if the manifest has one that can be read.
    public var iscc: ISCCCode? {
        codes.lazy.filter { $0.scheme == Self.isccScheme }.compactMap { try? ISCCCode(text: $0.value) }.first
    }
}
