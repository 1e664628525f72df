/// The `IMG` leaf: SHA-256 of CBOR `["provchain/img/1", encoded bytes]`, the file as it is stored. A texture that
/// was encoded anew has another leaf; docs/decisions/016-no-decoded-pixels.md says why.
public enum ImageLeaf {
    /// - Parameter bytes: all of a PNG, JPEG, WebP or KTX 2 file.
    public static func leaf(_ bytes: ArraySlice<UInt8>) -> Digest {
        DomainTag.componentImage.hash(1) { $0.byteString(bytes) }
    }
}
