/// Who may sign: the issuer is enrolled, and the key that `kid` names is one of its signing keys, in force at
/// the height of inclusion. A later retirement never voids what was signed before.
public enum Authority {
    /// The issuer's record; throws a ``Refusal`` of the `signature.` rules.
    static func issuer(
        of statement: Statement, height: UInt64, in transaction: inout Transaction, memory: inout IssuerMemory
    ) throws -> PartyRecord {
        let issuer = statement.claims.issuer
        guard let partyBody = try transaction.body(.party(issuer)) else {
            throw Refusal(.unknownParty, ["party": issuer.hex])
        }
        guard let keyBody = try transaction.body(.key(statement.kid)) else {
            throw Refusal(.unknownKey, ["key": statement.kid.hex])
        }
        let known: IssuerMemory.Issuer
        if let found = memory.issuer(statement.kid, partyBody: partyBody, keyBody: keyBody) {
            known = found
        } else {
            known = IssuerMemory.Issuer(
                partyBody: partyBody, party: try Transaction.decode(PartyRecord.self, .party(issuer), partyBody),
                keyBody: keyBody, key: try Transaction.decode(KeyRecord.self, .key(statement.kid), keyBody))
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
/// counts only while the records say the same bytes, so what is remembered never decides anything.
struct IssuerMemory: Sendable {
    private var issuers: [Digest: Issuer] = [:]

    /// At most this many are remembered; then it starts again.
    static let capacity = 16_384

    /// A class, so that using one copies none of its parts.
    final class Issuer: Sendable {
        let partyBody: [UInt8]
        let party: PartyRecord
        let keyBody: [UInt8]
        let key: KeyRecord

        init(partyBody: [UInt8], party: PartyRecord, keyBody: [UInt8], key: KeyRecord) {
            self.partyBody = partyBody
            self.party = party
            self.keyBody = keyBody
            self.key = key
        }
    }

    func issuer(_ kid: Digest, partyBody: [UInt8], keyBody: [UInt8]) -> Issuer? {
        guard let found = issuers[kid], found.keyBody == keyBody, found.partyBody == partyBody else { return nil }
        return found
    }

    mutating func remember(_ issuer: Issuer, _ kid: Digest) {
        if issuers.count >= Self.capacity { issuers.removeAll(keepingCapacity: true) }
        issuers[kid] = issuer
    }
}
