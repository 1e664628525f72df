/// The types of statements that this version of the protocol knows.
public enum StatementType: String, Sendable, CaseIterable {
    case openChain = "chain.open"
    case enrolParty = "party.enrol"
    case rotateKey = "party.rotate-key"
    case registerWork = "work.register"
    case addVersion = "work.add-version"
    case offerTitle = "title.offer"
    case acceptTitle = "title.accept"
    case declineTitle = "title.decline"
    case cancelTitle = "title.cancel"

    private static let mediaTypePrefix = "application/vnd.provchain.statement+cbor;type="

    /// The content type in the protected header: one media type, with the statement type as its parameter.
    public var contentType: String { Self.mediaTypePrefix + rawValue }

    public init?(contentType: String) {
        // By bytes: texts that Unicode calls equivalent are not the same bytes to sign.
        let found = Self.contentTypes.first { $0.utf8.elementsEqual(contentType.utf8) }
        guard let found else { return nil }
        self = found.type
    }

    /// The same by bytes, which are those of a content type and so ASCII.
    init?(contentType: UnsafeBufferPointer<UInt8>) {
        for known in Self.contentTypes where known.utf8.count == contentType.count {
            if known.utf8.withUnsafeBufferPointer({ $0.elementsEqual(contentType) }) {
                self = known.type
                return
            }
        }
        return nil
    }

    /// Made once: every statement that comes in is looked up here.
    private static let contentTypes = allCases.map { (utf8: Array($0.contentType.utf8), type: $0) }
}
