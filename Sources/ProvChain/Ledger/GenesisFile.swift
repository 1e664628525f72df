/// The file that members exchange, and the one thing that a verifier has to trust: a genesis and the
/// statement with which its founder opens the chain.
///
/// Everything about block 0 follows from it, so block 0 needs no certificate.
public struct GenesisFile: Hashable, Sendable, CBORCodable {
    public let genesis: Genesis
    public let opening: Statement

    /// Checks the opening statement: signed by a genesis party's signing key, about this chain.
    public init(genesis: Genesis, opening: Statement) throws(GenesisError) {
        self.genesis = genesis
        self.opening = opening
        try check()
    }

    /// Signs the opening statement with the key of a genesis party.
    public static func seal(_ genesis: Genesis, by key: SecretKey, nonce: [UInt8]) throws(GenesisError) -> GenesisFile {
        let seconds = genesis.time / 1_000
        let claims = Statement.Claims(
            issuer: PartyApplication.identifier(chain: genesis.originBytes, firstKey: key.publicKey.kid),
            subject: .chain(genesis.chain), chain: genesis.chain, expiry: seconds + 1, issuedAt: seconds, nonce: nonce)
        let opening: Statement
        do {
            opening = try StatementDraft(claims: claims, payload: .openChain(OpenChain())).signed(by: key)
        } catch {
            throw .badOpening(error.description)
        }
        return try GenesisFile(genesis: genesis, opening: opening)
    }

    /// Block 0: the opening statement applied to nothing.
    public var block: (header: BlockHeader, execution: BlockExecution) {
        var execution = BlockExecution(
            chain: genesis.chain, height: 0, time: genesis.time, parameters: genesis.parameters)
        do {
            try execution.open(with: opening, records: genesis.records)
        } catch {
            preconditionFailure("a genesis touches no storage: \(error)")
        }
        var history = CompactTree()
        history.append(opening.leafHash)
        let header = BlockHeader(
            chain: genesis.chain, epoch: 0, height: 0, view: 0, parent: .zero, time: genesis.time, proposer: 0,
            historySize: history.size, historyRoot: history.root, stateRoot: Self.stateRoot(execution.records),
            epochRecord: genesis.firstEpoch.hash, nextEpochRecord: nil)
        return (header, execution)
    }

    private static func stateRoot(_ records: ChangedRecords) -> Digest {
        var tree = StateTree()
        do {
            return try tree.update(records.indices.map { records.leaf(at: $0) }, source: EmptyState())
        } catch {
            preconditionFailure("a genesis touches no storage: \(error)")
        }
    }

    private func check() throws(GenesisError) {
        guard opening.payload == .openChain(OpenChain()) else { throw .badOpening("it does not open a chain") }
        guard opening.claims.chain == genesis.chain, opening.claims.subject == .chain(genesis.chain) else {
            throw .badOpening("it is for another genesis")
        }
        let signer = genesis.parties.first { genesis.partyIdentifier($0) == opening.claims.issuer }
        let key = signer?.keys.first { $0.purpose == .sign && $0.key.kid == opening.kid }?.key
        guard let key, key.algorithm == opening.algorithm else {
            throw .badOpening("its signer is not a party of the genesis")
        }
        guard opening.check(with: key).verify() else { throw .badOpening("its signature does not verify") }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.value(genesis)
        writer.byteString(opening.encoded)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        genesis = try reader.value()
        let start = reader.offset
        let bytes = try reader.byteString(atMost: Limits.statementBytes)
        do throws(Refusal) {
            opening = try Statement(encoded: bytes)
        } catch {
            throw CBORError(.invalidValue(error.description), at: start)
        }
        do throws(GenesisError) {
            try check()
        } catch {
            throw CBORError(.invalidValue(error.description), at: start)
        }
    }
}

/// A state in which nothing was stored yet.
public struct EmptyState: StateSource {
    public init() {}

    public func storedRecord(_ key: Digest) -> StoredRecord? { nil }

    public func leaves(under prefix: StatePrefix) -> [StateLeaf] { [] }
}
