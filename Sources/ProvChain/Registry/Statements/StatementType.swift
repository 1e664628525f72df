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
        guard contentType.hasPrefix(Self.mediaTypePrefix) else { return nil }
        self.init(rawValue: String(contentType.dropFirst(Self.mediaTypePrefix.count)))
    }
}
