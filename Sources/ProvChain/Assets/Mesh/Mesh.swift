/// One part of a 3D asset as triangles, whatever the format it came from.
///
/// Positions are shared between the triangles that use them; everything else is attached to corners, because
/// formats differ in what they share. Units and axes are those of the file.
public struct Mesh: Hashable, Sendable {
    /// A point in the mesh's own space; all coordinates are finite.
    public struct Position: Hashable, Sendable {
        public var x, y, z: Float

        public init(_ x: Float, _ y: Float, _ z: Float) {
            self.x = x
            self.y = y
            self.z = z
        }

        /// Whether no coordinate is NaN or infinite.
        public var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
    }

    /// Three indices into `positions`, counter-clockwise seen from the front.
    public struct Triangle: Hashable, Sendable {
        public var a, b, c: UInt32

        public init(_ a: UInt32, _ b: UInt32, _ c: UInt32) {
            self.a = a
            self.b = b
            self.c = c
        }
    }

    /// Values at the corners of the triangles: normals, texture coordinates, colours, …
    public struct CornerAttribute: Hashable, Sendable {
        /// The name that glTF gives it: `NORMAL`, `TEXCOORD_0`, `COLOR_0`, …
        public var name: String
        /// Components of one value: 1 to 4.
        public var width: Int
        /// `width` numbers for each value, integers normalised.
        public var values: [Float]
        /// Three for each triangle: which value its corners take; `nil` if these are the indices of the positions.
        public var indices: [UInt32]?
    }

    public var positions: [Position]
    /// Every index is below `positions.count`.
    public var triangles: [Triangle]
    public var attributes: [CornerAttribute]
    /// The material's number in a glTF, or its name in an OBJ.
    public var material: String?

    public init(
        positions: [Position], triangles: [Triangle], attributes: [CornerAttribute] = [], material: String? = nil
    ) {
        self.positions = positions
        self.triangles = triangles
        self.attributes = attributes
        self.material = material
    }
}
