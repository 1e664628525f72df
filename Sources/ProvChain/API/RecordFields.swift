/// A record's fields by name: what people and scripts see of it.
///
/// Dates and deadlines are stored, states that time alone changes are not: they are worked out here for a
/// given block time.
public enum RecordFields {
    /// - Parameters:
    ///   - body: the record proper, as ``StoredRecord/body``.
    ///   - time: block time in milliseconds at which to read it.
    /// - Throws: ``CBORError`` if the body is not a record of the URN's kind.
    public static func json(_ urn: URN, body: [UInt8], at time: UInt64) throws(CBORError) -> JSONValue {
        switch urn {
        case .chain: chain(try ChainRecord(cbor: body))
        case .member: member(try MemberRecord(cbor: body))
        case .party: party(try PartyRecord(cbor: body))
        case .key: key(try KeyRecord(cbor: body))
        case .work: work(try WorkRecord(cbor: body))
        case .version: version(try VersionRecord(cbor: body))
        case .title: title(try TitleRecord(cbor: body))
        case .offer: offer(try OfferRecord(cbor: body), at: time)
        case .component: component(try ComponentRecord(cbor: body))
        case .statement: throw CBORError(.invalidValue("a statement has no record"), at: 0)
        }
    }

    private static func chain(_ record: ChainRecord) -> JSONValue {
        .object(["origin": .string(record.origin), "protocolVersion": .count(record.protocolVersion)])
    }

    private static func member(_ record: MemberRecord) -> JSONValue {
        .object(["name": .string(record.name), "roles": .array(record.roles.map { .string($0.name) })])
    }

    private static func party(_ record: PartyRecord) -> JSONValue {
        var fields: [String: JSONValue] = [
            "kind": .string(record.kind.name), "member": .urn(.member(record.member)),
            "roles": .array(record.roles.map { .string($0.name) }),
            "keys": .array(record.keys.map { .urn(.key($0)) }), "realNameLevel": .count(record.realNameLevel),
        ]
        fields["identityCommitment"] = record.identityCommitment.map { .string($0.hex) }
        return .object(fields)
    }

    private static func key(_ record: KeyRecord) -> JSONValue {
        var fields: [String: JSONValue] = [
            "holder": .urn(record.holder), "purpose": .string("\(record.purpose)"), "did": .string(record.key.did),
            "algorithm": .number(record.key.algorithm.rawValue), "fromHeight": .count(record.fromHeight),
        ]
        fields["untilHeight"] = record.untilHeight.map { .count($0) }
        return .object(fields)
    }

    private static func work(_ record: WorkRecord) -> JSONValue {
        var fields: [String: JSONValue] = [
            "category": .string(record.category.name), "claimant": .urn(.party(record.claimant)),
            "basis": .string(record.basis.name), "metadata": .string(record.metadata.hash.hex),
            "registered": .count(record.registered), "versions": .count(UInt64(record.versions)),
            "contests": .count(record.contests),
        ]
        fields["licence"] = record.spdx.map { .string($0) }
        return .object(fields)
    }

    private static func version(_ record: VersionRecord) -> JSONValue {
        .object([
            "manifestRoot": .string(record.content.manifestRoot.hex),
            "manifest": .string(record.content.manifest.hash.hex), "mediaType": .string(record.content.mediaType),
            "size": .count(record.content.size), "registered": .count(record.registered),
            "contestedWith": .array(record.contestedWith.map { .urn(.work($0)) }),
        ])
    }

    private static func title(_ record: TitleRecord) -> JSONValue {
        .object([
            "holders": .array(
                record.holders.map { holder in
                    .object(["party": .urn(.party(holder.party)), "share": .count(holder.share)])
                })
        ])
    }

    private static func offer(_ record: OfferRecord, at time: UInt64) -> JSONValue {
        let hasLapsed = record.status == .open && time >= record.offer.deadline * 1_000
        var fields: [String: JSONValue] = [
            "work": .urn(.work(record.offer.work)), "right": .string("\(record.offer.right)"),
            "offerer": .urn(.party(record.offerer)), "recipient": .urn(.party(record.offer.recipient)),
            "share": .count(record.offer.share), "deadline": .count(record.offer.deadline),
            "status": .string(hasLapsed ? "lapsed" : record.status.name),
        ]
        fields["terms"] = record.offer.terms.map { .string($0.hex) }
        return .object(fields)
    }

    private static func component(_ record: ComponentRecord) -> JSONValue {
        .object([
            "count": .count(record.count),
            "claims": .array(
                record.claims.map { claim in
                    .object([
                        "party": .urn(.party(claim.claimant)), "work": .urn(.work(claim.work)),
                        "version": .count(UInt64(claim.version)),
                    ])
                }),
        ])
    }
}

extension JSONValue {
    fileprivate static func count(_ value: UInt64) -> JSONValue { .number(Int64(clamping: value)) }

    fileprivate static func urn(_ urn: URN) -> JSONValue { .string(urn.description) }
}
