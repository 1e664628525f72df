/// Enrolment and keys.
enum PartyRules {
    static func enrol(_ payload: EnrolParty, _ context: RuleContext, _ transaction: inout Transaction) throws {
        guard context.issuer.roles.contains(.registrar) else {
            throw Refusal(.notRegistrar, ["party": context.party.hex])
        }
        let signed = try SignedApplication(encoded: payload.application)
        guard signed.chain == context.chain else {
            throw Refusal(.wrongApplicationChain, ["found": signed.chain.hex, "expected": context.chain.hex])
        }
        try context.requireSubject(.party(signed.party))
        guard try !transaction.exists(.party(signed.party)) else {
            throw Refusal(.partyExists, ["party": signed.party.hex])
        }
        for entry in signed.application.keys {
            try enrolKey(entry, holder: signed.party, fromHeight: context.height, &transaction)
        }
        let record = PartyRecord(
            kind: signed.application.kind, member: context.issuer.member, roles: [],
            keys: signed.application.keys.map(\.key.kid), realNameLevel: payload.realNameLevel,
            identityCommitment: signed.application.identityCommitment)
        try transaction.write(record, .party(signed.party))
    }

    static func rotate(_ payload: RotateKey, _ context: RuleContext, _ transaction: inout Transaction) throws {
        try context.requireSubject(.party(context.party))
        var party = context.issuer
        guard let place = party.keys.firstIndex(of: payload.retired),
            var retired = try transaction.read(KeyRecord.self, .key(payload.retired))
        else {
            throw Refusal(.retiredKeyNotHeld, ["key": payload.retired.hex, "party": context.party.hex])
        }
        // Otherwise whoever steals one of several keys could lock the others out.
        guard context.statement.kid == payload.retired else {
            throw Refusal(
                .otherKeySigned, ["expected": payload.retired.hex, "found": context.statement.kid.hex])
        }
        guard payload.entry.purpose == retired.purpose else {
            throw Refusal(
                .purposeChanged, ["found": "\(payload.entry.purpose)", "expected": "\(retired.purpose)"])
        }
        guard payload.entry.isPossessed(chain: context.chain.bytes, party: context.party) else {
            throw Refusal(.noPossession, ["key": payload.entry.key.kid.hex])
        }
        try enrolKey(payload.entry, holder: context.party, fromHeight: context.height, &transaction)
        retired.untilHeight = context.height
        try transaction.write(retired, .key(payload.retired))
        party.keys[place] = payload.entry.key.kid
        try transaction.write(party, .party(context.party))
    }

    /// A public key is enrolled once, for any party and purpose, for ever: otherwise one key could count
    /// twice, or come back after it was retired.
    private static func enrolKey(
        _ entry: KeyEntry, holder: Digest, fromHeight: UInt64, _ transaction: inout Transaction
    ) throws {
        let urn = URN.key(entry.key.kid)
        guard try !transaction.exists(urn) else { throw Refusal(.keyTaken, ["key": entry.key.kid.hex]) }
        try transaction.write(
            KeyRecord(holder: .party(holder), purpose: entry.purpose, key: entry.key, fromHeight: fromHeight), urn)
    }
}
