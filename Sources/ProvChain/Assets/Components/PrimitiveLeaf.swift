/// The `PRIM` leaf: what is drawn in one go, with everything at its corners except normals and tangents, which
/// exporters regenerate (``NormalsLeaf``), and with its material.
///
/// SHA-256 of CBOR `["provchain/prim/1", mode, material, columns, number of elements, bytes]`:
/// - mode: 0 points, 1 lines, 4 triangles; strips, loops and fans are taken apart first;
/// - material: the hash of its ``MaterialLeaf``, of the default one if the format has materials and the
///   primitive names none; null for formats whose materials are not read;
/// - columns: `[[name, words], …]`: `POSITION`; then `COLOR_n`, `JOINTS_n`, `TEXCOORD_n`, `WEIGHTS_n` by the bytes
///   of their names; then for each morph target k, in their order, `POSITION@k` and the others by their names.
///   Colours of three numbers get a fourth: 1, or 0 in a morph target;
/// - bytes: each corner a row of all columns, as f32; elements as ``CanonicalElements`` describes.
///
/// Attributes whose names start with `_` are left out: the standard gives them no meaning.
public enum PrimitiveLeaf {
    /// `nil` if no element is left.
    static func leaf(_ elements: CanonicalElements, columns: [CornerTable.Column], material: Digest?) -> Digest? {
        guard elements.count > 0 else { return nil }
        return elements.hash(.componentPrimitive, 3) { writer in
            writer.uint(elements.arity.mode)
            if let material { writer.digest(material) } else { writer.null() }
            writer.columns(columns)
        }
    }
}

extension CanonicalElements.Arity {
    /// As glTF numbers the modes of separate elements.
    fileprivate var mode: UInt64 {
        switch self {
        case .point: 0
        case .line: 1
        case .triangle: 4
        }
    }
}

extension CBORWriter {
    mutating func columns(_ columns: [CornerTable.Column]) {
        array(columns.count)
        for column in columns {
            array(2)
            text(column.name)
            uint(UInt64(column.words))
        }
    }
}
