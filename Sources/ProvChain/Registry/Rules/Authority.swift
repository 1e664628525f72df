/// Who may sign: the issuer is enrolled, and the key that `kid` names is one of its signing keys, in force at
/// the height of inclusion. A later retirement never voids what was signed before.
public enum Authority {
    /// The issuer's record; throws a ``Refusal`` of the `signature.` rules.
    static func issuer(
        of statement: Statement, height: UInt64, in transaction: inout Transaction, memory: inout IssuerMemory
    ) throws -> PartyRecord {
        let issuer = statement.claims.issuer
        let remembered = memory.issuer(statement.kid, party: issuer)
        guard let party = try transaction.stored(.party(issuer), key: remembered?.partyKey) else {
            throw Refusal(.unknownParty, ["party": issuer.hex])
        }
        guard let key = try transaction.stored(.key(statement.kid), key: remembered?.keyKey) else {
            throw Refusal(.unknownKey, ["key": statement.kid.hex])
        }
        let known: IssuerMemory.Issuer
        if let remembered, remembered.says(party: party, key: key) {
            known = remembered
        } else {
            known = IssuerMemory.Issuer(
                issuer, party, try Transaction.decode(PartyRecord.self, .party(issuer), party.body),
                statement.kid, key, try Transaction.decode(KeyRecord.self, .key(statement.kid), key.body))
            memory.remember(known, statement.kid)
        }
        try check(known.key, for: statement, height: height)
        return known.party
    }

    /// Judges a key record for a statement. Used by execution, and by a node before it verifies the signature.
    public static func check(_ key: KeyRecord, for statement: Statement, height: UInt64) throws(Refusal) {
        guard key.holder == .party(statement.claims.issuer) else {
            throw Refusal(.foreignKey, ["key": statement.kid.hex, "party": statement.claims.issuer.hex])
        }
        guard key.purpose == .sign else { throw Refusal(.wrongPurpose, ["key": statement.kid.hex]) }
        guard key.key.algorithm == statement.algorithm else {
            throw Refusal(
                .wrongAlgorithm,
                ["found": "\(statement.algorithm.rawValue)", "expected": "\(key.key.algorithm.rawValue)"])
        }
        if let until = key.untilHeight, height > until {
            throw Refusal(.retiredKey, ["key": statement.kid.hex, "until": "\(until)", "height": "\(height)"])
        }
    }
}

/// Issuers as they were decoded last: most statements come from keys that signed others a moment ago. An entry
/// counts only while the records are the same, so what is remembered never decides anything.
struct IssuerMemory: Sendable {
    private var issuers: [Digest: Issuer] = [:]

    /// At most this many are remembered; then it starts again.
    static let capacity = 16_384

    /// A class, so that using one copies none of its parts.
    final class Issuer: Sendable {
        let identifier: Digest
        let partyKey: Digest
        let party: PartyRecord
        let keyKey: Digest
        let key: KeyRecord
        private let partyHistory: History
        private let keyHistory: History

        init(
            _ identifier: Digest, _ storedParty: StoredRecord, _ party: PartyRecord, _ kid: Digest,
            _ storedKey: StoredRecord, _ key: KeyRecord
        ) {
            self.identifier = identifier
            partyKey = URN.party(identifier).stateKey
            self.party = party
            partyHistory = storedParty.history
            keyKey = URN.key(kid).stateKey
            self.key = key
            keyHistory = storedKey.history
        }

        /// Whether these are the records that were decoded. The head of a history commits to all that the record ever
        /// said, and so to what it says.
        func says(party: StoredRecord, key: StoredRecord) -> Bool {
            keyHistory == key.history && partyHistory == party.history
        }
    }

    func issuer(_ kid: Digest, party: Digest) -> Issuer? {
        guard let found = issuers[kid], found.identifier == party else { return nil }
        return found
    }

    mutating func remember(_ issuer: Issuer, _ kid: Digest) {
        if issuers.count >= Self.capacity { issuers.removeAll(keepingCapacity: true) }
        issuers[kid] = issuer
    }
}
