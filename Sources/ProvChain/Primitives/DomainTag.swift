/// Every domain-separation tag of the protocol. A hash or signature input that no standard fixes is the
/// deterministic CBOR of `[tag, fields…]`, so that no two inputs of different meaning share bytes.
///
/// Inputs fixed by a standard (COSE `Sig_structure`, RFC 9162 nodes, C2SP notes) and the state tree's
/// fixed-length nodes never start with the byte of a CBOR array that holds one of these texts;
/// `docs/protocol.md` gives the argument in full.
public enum DomainTag: String, CaseIterable, Sendable {
    case chain = "provchain/chain/1"
    case epoch = "provchain/epoch/1"
    case header = "provchain/header/1"
    case vote = "provchain/vote/1"
    case wire = "provchain/wire/1"
    case possession = "provchain/possession/1"
    case memberApplication = "provchain/member-application/1"
    case partyIdentifier = "provchain/party-id/1"
    case memberIdentifier = "provchain/member-id/1"
    case derivedIdentifier = "provchain/derived-id/1"
    case stateKey = "provchain/state-key/1"
    case historyLink = "provchain/history/1"
    case keyFile = "provchain/key-file/1"
    case manifestLeaf = "provchain/manifest-leaf/1"
    case componentGeometry = "provchain/geo/1"
    case componentImage = "provchain/img/1"
    case readToken = "provchain/read-token/1"
    case componentPrimitive = "provchain/prim/1"
    case componentNormals = "provchain/norm/1"
    case componentMaterial = "provchain/mat/1"
    case componentAnimation = "provchain/anim/1"
    case animationChannel = "provchain/anim-channel/1"
    case componentSkin = "provchain/skin/1"
    case placedMesh = "provchain/mesh/1"
    case componentScene = "provchain/scene/1"

    /// SHA-256 of CBOR `[tag, fields…]`; `fields` writes exactly `count` items.
    public func hash(_ count: Int, _ fields: (inout CBORWriter) -> Void) -> Digest {
        SHA256.hash(input(count, fields))
    }

    /// The bytes of CBOR `[tag, fields…]`, to be signed or hashed.
    public func input(_ count: Int, _ fields: (inout CBORWriter) -> Void) -> [UInt8] {
        var writer = CBORWriter(reserving: 128)
        writer.array(count + 1)
        writer.text(rawValue)
        fields(&writer)
        return writer.bytes
    }

    /// The same for inputs of few fields, which are hashed often.
    ///
    /// - Parameter tag: the text of this tag. A constant of the program is not copied.
    func hash(as tag: StaticString, _ count: Int, _ fields: (inout ShortCBOR) -> Void) -> Digest {
        assert("\(tag)" == rawValue, "\(tag) is not \(rawValue)")
        return ShortCBOR.hash { item in
            item.array(count + 1)
            item.text(tag)
            fields(&item)
        }
    }
}
