/// A part of a 3D asset that has an exact identity of its own: the same hash wherever the same content is found,
/// whatever the container, the order and the exporter.
///
/// `docs/formats-components.md` specifies the bytes behind every hash.
public struct AssetComponent: Hashable, Sendable {
    /// What is hashed, with the name of the leaf's type in a manifest.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// A shape; see ``GeometryHash``.
        case geometry = "GEO"
        /// A shape with everything at its corners but normals, and its material; see ``PrimitiveLeaf``.
        case primitive = "PRIM"
        /// Normals and tangents; see ``NormalsLeaf``.
        case normals = "NORM"
        /// See ``MaterialLeaf``.
        case material = "MAT"
        /// The encoded bytes of an image; see ``ImageLeaf``.
        case image = "IMG"
        /// See ``AnimationLeaf``.
        case animation = "ANIM"
        /// See ``SkinLeaf``.
        case skin = "SKIN"
        /// Which meshes stand where; see ``SceneLeaf``.
        case scene = "SCENE"
    }

    public let kind: Kind
    public let hash: Digest
    /// Where it lies in the file, for people: a JSON pointer of a glTF, `part n` of an OBJ, `solid n` of an STL.
    public let place: String
    /// What the author called it, or the mesh that it belongs to. Not hashed.
    public let name: String?
    /// For `GEO`: its number in ``AssetFingerprint/meshes``.
    public let mesh: Int?

    public init(_ kind: Kind, _ hash: Digest, place: String, name: String? = nil, mesh: Int? = nil) {
        self.kind = kind
        self.hash = hash
        self.place = place
        self.name = name
        self.mesh = mesh
    }

    /// As a leaf of a manifest.
    public var leaf: Manifest.Leaf { Manifest.Leaf(type: kind.rawValue, hash: hash) }
}
