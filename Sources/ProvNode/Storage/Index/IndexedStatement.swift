import ProvChain

/// A final statement with its place in the chain and what it did, as clients are told.
struct IndexedStatement: Hashable, Sendable {
    let id: Digest
    let leafHash: Digest
    let leafIndex: UInt64
    let height: UInt64
    /// Its place within its block.
    let position: UInt64
    /// Block time, milliseconds since 1970.
    let time: UInt64
    let type: String
    let issuer: Digest
    /// Every record that it touched, in the order of first touch.
    let records: [URN]
    /// The work that it is about, if it is about one.
    let work: Digest?
    /// The version that it registered.
    let version: UInt32?
    let manifestRoot: Digest?
    /// Works of other claimants that had claimed some of the version's content before.
    let contestedWith: [Digest]
    /// The one party whose record it touched.
    let party: Digest?
    let offer: Digest?
}

extension IndexedStatement {
    /// A statement that `block` applied.
    init(_ applied: AppliedStatement, in block: ExecutedBlock) throws(CBORError) {
        let claims = applied.statement.claims
        var registered: (work: Digest, version: UInt32, record: VersionRecord)?
        var works: [Digest] = []
        var parties: [Digest] = []
        var offer: Digest?
        for effect in applied.effects {
            switch effect.urn {
            case .version(let work, let sequence):
                registered = (work, sequence, try VersionRecord(cbor: effect.record.body))
            case .work(let identifier): works.append(identifier)
            case .party(let identifier): parties.append(identifier)
            case .offer(let identifier): offer = identifier
            case .chain, .member, .key, .title, .component, .statement: break
            }
        }
        // A registration also touches the works whose content it shares; the one it is about comes first.
        var work = registered?.work ?? works.first
        if registered == nil, case .work(let subject) = claims.subject { work = subject }
        self.init(
            id: applied.statement.id, leafHash: applied.statement.leafHash,
            leafIndex: block.leafIndex(position: applied.position), height: block.header.height,
            position: applied.position, time: block.header.time, type: applied.statement.payload.type.rawValue,
            issuer: claims.issuer, records: applied.effects.map(\.urn), work: work, version: registered?.version,
            manifestRoot: registered?.record.content.manifestRoot,
            contestedWith: registered?.record.contestedWith ?? [],
            party: parties.count == 1 ? parties.first : nil, offer: offer)
    }

    /// The answer of the API: the same whether the statement became final just now or long ago.
    var view: StatementView {
        var view = StatementView(statement: id.hex, leafHash: leafHash.hex, status: .final)
        view.type = type
        view.issuer = URN.party(issuer).description
        view.height = height
        view.position = position
        view.leafIndex = leafIndex
        view.time = time
        view.records = records.map(\.description)
        view.work = work.map { URN.work($0).description }
        view.version = version
        view.manifestRoot = manifestRoot?.hex
        view.contestedWith = version == nil ? nil : contestedWith.map { URN.work($0).description }
        view.party = party.map { URN.party($0).description }
        view.offer = offer.map { URN.offer($0).description }
        return view
    }
}
