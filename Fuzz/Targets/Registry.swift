@testable import ProvChain

extension FuzzTarget {
    static let statement = FuzzTarget(
        "statement", "statements, all payloads, applications, submissions, metadata", atMost: 4_096
    ) { bytes in
        if let statement = try? Statement(encoded: bytes) {
            require(statement.encoded == bytes, "a statement holds other bytes than it was read from")
            require(SHA256.hash(statement.toBeSigned) == statement.id, "a statement's id is not that of its parts")
            require((try? COSESign1(cbor: bytes)) != nil, "a statement that is no COSE_Sign1")
            _ = statement.derivedIdentifier
            _ = statement.payload.attachments
        }
        for type in StatementType.allCases {
            guard let payload = try? Payload(type, cbor: bytes) else { continue }
            require(payload.type == type, "a payload of type \(type) says \(payload.type)")
            require(payload.cbor == bytes, "a payload of type \(type) encodes other bytes")
        }
        if let application = try? SignedApplication(encoded: bytes) {
            require(application.encoded == bytes, "an application holds other bytes than it was read from")
        }
        Strictly.check(PartyApplication.self, bytes)
        Strictly.check(KeyEntry.self, bytes)
        Strictly.check(Statement.Claims.self, bytes)
        if let header = try? Statement.Header(cbor: bytes) {
            require(header.cbor == bytes, "a statement's header encodes other bytes")
        }
        Strictly.check(VersionContent.self, bytes)
        Strictly.check(Evidence.self, bytes)
        Strictly.check(AttachmentReference.self, bytes)
        Strictly.check(WorkMetadata.self, bytes)
        Strictly.check(Submission.self, bytes)
    }

    static let record = FuzzTarget("record", "stored records and all kinds of records", atMost: 4_096) { bytes in
        var body = bytes
        if let stored = Strictly.check(StoredRecord.self, bytes) { body = stored.body }
        Strictly.check(HistoryLink.self, bytes)
        checkRecord(ChainRecord.self, body, .chain(.zero))
        checkRecord(MemberRecord.self, body, .member(.zero))
        checkRecord(PartyRecord.self, body, .party(.zero))
        checkRecord(KeyRecord.self, body, .key(.zero))
        checkRecord(WorkRecord.self, body, .work(.zero))
        checkRecord(VersionRecord.self, body, .version(work: .zero, sequence: 1))
        checkRecord(TitleRecord.self, body, .title(work: .zero, right: .copyright))
        checkRecord(OfferRecord.self, body, .offer(.zero))
        checkRecord(ComponentRecord.self, body, .component(.zero))
    }

    /// What people see of a record works for every record that can be read, and for no other.
    private static func checkRecord<T: CBORCodable & Equatable>(_ type: T.Type, _ body: [UInt8], _ urn: URN) {
        let isRecord = Strictly.check(type, body) != nil
        for time in [0, UInt64.max] {
            let fields = try? RecordFields.json(urn, body: body, at: time)
            require((fields != nil) == isRecord, "\(type) is a record to one reader and not to the other")
        }
        guard isRecord else { return }
        _ = Bundle.related(to: urn, record: StoredRecord(body: body, history: .empty))
    }
}
