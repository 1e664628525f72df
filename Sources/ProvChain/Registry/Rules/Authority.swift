/// Who may sign: the issuer is enrolled, and the key that `kid` names is one of its signing keys, in force at
/// the height of inclusion. A later retirement never voids what was signed before.
public enum Authority {
    /// The issuer's record; throws a ``Refusal`` of the `signature.` rules.
    static func issuer(of statement: Statement, height: UInt64, in transaction: Transaction) throws -> PartyRecord {
        let issuer = statement.claims.issuer
        guard let party = try transaction.read(PartyRecord.self, .party(issuer)) else {
            throw Refusal(.unknownParty, ["party": issuer.hex])
        }
        guard let key = try transaction.read(KeyRecord.self, .key(statement.kid)) else {
            throw Refusal(.unknownKey, ["key": statement.kid.hex])
        }
        try check(key, for: statement, height: height)
        return party
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
