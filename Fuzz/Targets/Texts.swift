@testable import ProvChain

extension FuzzTarget {
    static let text = FuzzTarget(
        "text", "URNs, ISCC, base 16, 32 and 64, titles, query strings, media types", atMost: 512
    ) { bytes in
        let text = string(of: bytes)
        Strictly.spelling(text, { URN($0) }, \.description)
        Strictly.check(URN.self, bytes)
        checkISCC(text)
        checkBases(bytes, text)
        checkTitle(text)
        checkQuery(text)
        for type in StatementType.allCases where StatementType(contentType: text) == type {
            require(type.contentType.utf8.elementsEqual(bytes), "a content type with two spellings")
        }
        _ = GLTFVersion(JSONText(utf8: Array(text.utf8)))
    }

    private static func checkISCC(_ text: String) {
        let withPrefix = text.utf8.starts(with: ISCCUnit.textPrefix.utf8) ? text : ISCCUnit.textPrefix + text
        Strictly.spelling(withPrefix, { try? ISCCUnit(text: $0) }, \.text)
        Strictly.spelling(withPrefix, { try? ISCCCode(text: $0) }, \.text)
        if let code = try? ISCCCode(text: text) {
            require(code.units.suffix(2).map(\.kind) == [.data, .instance], "an ISCC without its last two units")
        }
    }

    private static func checkBases(_ bytes: [UInt8], _ text: String) {
        require(Base64.decode(Base64.encode(bytes)) == bytes, "base 64 does not return what it was given")
        require(Base32.decode(Base32.encode(bytes).utf8) == bytes, "base 32 does not return what it was given")
        require(Hex.decode(Hex.encode(bytes)) == bytes, "base 16 does not return what it was given")
        require(Base64URL.decode(Base64URL.encode(bytes)) == bytes, "base64url does not return what it was given")
        Strictly.spelling(text, { Base64.decode($0) }, Base64.encode)
        Strictly.spelling(text, { Base64URL.decode($0) }, Base64URL.encode)
        Strictly.spelling(text, { Base32.decode($0.utf8) }, Base32.encode)
        // Capitals are read as well.
        if let plain = Hex.decode(text) {
            require(Hex.encode(plain).utf8.elementsEqual(text.lowercased().utf8), "base 16 reads other digits")
        }
        if let digest = Digest(hex: text) { require(digest.bytes == Hex.decode(text), "two readings of a digest") }
    }

    /// Words that are already prepared stay as they are.
    private static func checkTitle(_ text: String) {
        guard let code = try? ISCCMetaCode(title: text, description: text) else { return }
        require(code.title.utf8.count <= ISCCMetaCode.maximumTitleBytes, "a title of \(code.title.utf8.count) bytes")
        require(code.description.utf8.count <= ISCCMetaCode.maximumDescriptionBytes, "a long description")
        let scalars = Array(text.unicodeScalars)
        let composed = UnicodeNormalization.nfkc(scalars)
        require(UnicodeNormalization.nfkc(composed) == composed, "NFKC twice is not NFKC")
        let apart = UnicodeNormalization.nfd(text.unicodeScalars)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: apart)
        require(UnicodeNormalization.nfd(view) == apart, "NFD twice is not NFD")
        // The standard library's equality of texts is canonical equivalence; it takes time that grows with the
        // square of a run of marks, so not for huge ones.
        require(text.utf8.count > 4_096 || String(view) == text, "NFD changes a text")
    }

    private static func checkQuery(_ text: String) {
        if let pairs = try? Query.parse(text) {
            let read = pairs.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
            require(read <= text.utf8.count, "a query of \(text.utf8.count) bytes holds \(read)")
        }
        _ = Query.decode(text[...])
        _ = MediaType.prefersCBOR(text)
        _ = MediaType.essence(text)
    }
}
