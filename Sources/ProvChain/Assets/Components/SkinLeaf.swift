/// The `SKIN` leaf: the skeleton that moves a mesh.
///
/// SHA-256 of CBOR `["provchain/skin/1", number of joints, bytes]` with 68 bytes for each joint, in the order in
/// which the corners number them: the number of the nearest joint above it in the node tree (u32, little-endian;
/// ff ff ff ff without one), then its inverse bind matrix, 16 f32 column by column, the unit matrix by default.
public enum SkinLeaf {
    static let noParent = UInt32.max

    /// - Parameters:
    ///   - parents: for each joint, ``noParent`` for those without.
    ///   - matrices: 16 numbers for each joint; `nil` for unit matrices.
    static func leaf(
        parents: [UInt32], matrices: [Float]?, at place: String
    ) throws(AssetError) -> Digest {
        var bytes: [UInt8] = []
        for (joint, parent) in parents.enumerated() {
            CanonicalFloat.append(parent, to: &bytes)
            let matrix = matrices.map { Array($0[(16 * joint)..<(16 * joint + 16)]) } ?? WorldMatrix.unit.floats
            bytes += try CanonicalFloat.bytes(matrix, at: place)
        }
        return DomainTag.componentSkin.hash(2) { writer in
            writer.uint(UInt64(parents.count))
            writer.byteString(bytes)
        }
    }
}
