/// Why a statement was not accepted: the rule that it breaks, with the numbers that show it.
///
/// A refused statement changes nothing. ``Catalogue`` has the sentence for people, in each language.
public struct Refusal: Error, Hashable, Sendable {
    public let rule: Rule
    /// Named values for the sentence, such as `limit` or `deadline`.
    public let parameters: [String: String]

    public init(_ rule: Rule, _ parameters: [String: String] = [:]) {
        self.rule = rule
        self.parameters = parameters
    }
}

/// The rules of the registry. The names are part of the API: scripts match on them.
public enum Rule: String, Sendable, CaseIterable {
    case malformed = "statement.malformed"
    case tooLarge = "statement.too-large"
    case tooCostly = "statement.too-costly"
    case wrongChain = "statement.wrong-chain"
    case expired = "statement.expired"
    case lifetimeTooLong = "statement.lifetime-too-long"
    case replayed = "statement.replayed"
    case wrongSubject = "statement.wrong-subject"
    case notAllowedHere = "statement.not-allowed-here"

    case unknownParty = "signature.unknown-party"
    case unknownKey = "signature.unknown-key"
    case foreignKey = "signature.key-of-another-party"
    case retiredKey = "signature.key-retired"
    case wrongPurpose = "signature.wrong-purpose"
    case wrongAlgorithm = "signature.wrong-algorithm"
    case badSignature = "signature.invalid"

    case notRegistrar = "party.not-a-registrar"
    case partyExists = "party.already-enrolled"
    case keyTaken = "party.key-already-enrolled"
    case noPossession = "party.no-proof-of-possession"
    case invalidApplication = "application.invalid"
    case wrongApplicationChain = "application.wrong-chain"
    case retiredKeyNotHeld = "party.retired-key-not-held"
    case otherKeySigned = "party.retired-key-must-sign"
    case purposeChanged = "party.purpose-changed"

    case workExists = "work.already-registered"
    case unknownWork = "work.unknown"
    case notClaimant = "work.not-the-claimant"
    case duplicateVersion = "work.same-content-already-yours"
    case wrongPrevious = "work.wrong-previous-version"

    case unknownRecipient = "title.unknown-recipient"
    case selfTransfer = "title.recipient-is-holder"
    case insufficientShare = "title.insufficient-share"
    case tooManyHolders = "title.too-many-holders"
    case deadlinePassed = "title.deadline-passed"
    case deadlineTooFar = "title.deadline-too-far"
    case offerExists = "title.offer-exists"
    case unknownOffer = "title.unknown-offer"
    case offerClosed = "title.offer-closed"
    case notRecipient = "title.not-the-recipient"
    case notOfferer = "title.not-the-offerer"
}

extension Refusal: CustomStringConvertible {
    /// The sentence in English, for logs and for clients that bring no catalogue.
    public var description: String { Catalogue.sentence(for: self, in: .english) }
}
