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
        guard let type = Self.allCases.first(where: { $0.contentType.utf8.elementsEqual(contentType.utf8) }) else {
            return nil
        }
        self = type
    }
}
