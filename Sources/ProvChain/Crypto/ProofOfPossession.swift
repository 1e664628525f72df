/// What a key is enrolled for. A key has one purpose for life.
public enum KeyPurpose: UInt64, Sendable, Hashable, CaseIterable {
    /// Signs a party's statements.
    case sign = 1
    /// Replaces a party's keys when they are lost.
    case recover = 2
    /// Signs statements for a party, within the limits of a delegation.
    case delegate = 3
    /// A validator's transport key (X25519).
    case identity = 16
    /// A validator's consensus votes.
    case vote = 17
    /// Checkpoints under the name of the log, and receipts.
    case log = 18
    /// Cosignatures under the member's own name.
    case cosign = 19

    /// True for what a party enrols; the rest belongs to validators.
    public var isOfAccounts: Bool {
        switch self {
        case .sign, .recover, .delegate: true
        case .identity, .vote, .log, .cosign: false
        }
    }
}

/// A signature by a key over its own enrolment, so that nobody enrols a key that is not theirs.
///
/// It covers the chain, the party and the purpose: a proof made for one of them proves nothing for another.
public enum ProofOfPossession {
    /// The bytes to sign: CBOR ["provchain/possession/1", chain, party, purpose, COSE_Key], all but the
    /// purpose as byte strings.
    ///
    /// `chain` is the chain's id, 32 bytes; for a key in the genesis, which the id depends on, the UTF-8
    /// of the origin's name.
    public static func message(chain: [UInt8], party: Digest, purpose: KeyPurpose, key: PublicKey) -> [UInt8] {
        DomainTag.possession.input(4) { writer in
            writer.byteString(chain)
            writer.digest(party)
            writer.uint(purpose.rawValue)
            writer.byteString(key.cbor)
        }
    }

    public static func prove(chain: [UInt8], party: Digest, purpose: KeyPurpose, key: SecretKey) -> [UInt8] {
        key.sign(message(chain: chain, party: party, purpose: purpose, key: key.publicKey))
    }

    public static func verify(
        _ proof: [UInt8], chain: [UInt8], party: Digest, purpose: KeyPurpose, key: PublicKey
    ) -> Bool {
        key.verify(
            signature: proof, message: message(chain: chain, party: party, purpose: purpose, key: key))
    }
}
