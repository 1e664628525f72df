import Foundation
@testable import ProvChain
import Testing

/// The protocol's bytes are promises: a change of one of them is a deliberate commit of `golden.json`, made
/// by running this test with `PROV_WRITE_GOLDEN=1`.
@Suite struct GoldenTests {
    struct Entry: Codable, Equatable {
        let name: String
        let rule: String
        let hex: String
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let file = folder.appendingPathComponent("golden.json")

    @Test func everyEncodingIsTheGoldenOne() throws {
        let made = try GoldenVectors.all().map { Entry(name: $0.name, rule: $0.rule, hex: Hex.encode($0.bytes)) }
        #expect(Set(made.map(\.name)).count == made.count)
        if ProcessInfo.processInfo.environment["PROV_WRITE_GOLDEN"] == "1" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(made).write(to: Self.file)
        }
        let golden = try JSONDecoder().decode([Entry].self, from: Data(contentsOf: Self.file))
        #expect(golden.map(\.name) == made.map(\.name))
        for (expected, found) in zip(golden, made) {
            #expect(expected == found, "\(found.name)")
        }
        print("vectors: golden \(golden.count) of \(made.count) as expected")
    }

    /// Every type of statement is among the vectors.
    @Test func everyStatementTypeHasAVector() throws {
        let types = try GoldenVectors.World().statements.map(\.statement.payload.type)
        #expect(Set(types) == Set(StatementType.allCases))
    }

    /// What is written is read again as the same value, and nothing but the whole encoding is read.
    @Test func theDecodersTakeExactlyTheGoldenBytes() throws {
        for vector in try GoldenVectors.all() {
            guard let decode = Self.decoders[vector.rule] else { continue }
            #expect(try decode(vector.bytes) == vector.bytes, "\(vector.name)")
            #expect(throws: (any Error).self, "\(vector.name) with a byte more") { try decode(vector.bytes + [0]) }
            for count in stride(from: 0, to: vector.bytes.count, by: max(1, vector.bytes.count / 40)) {
                #expect(throws: (any Error).self, "\(vector.name) cut to \(count)") {
                    try decode(Array(vector.bytes.prefix(count)))
                }
            }
        }
    }

    private static let decoders: [String: @Sendable ([UInt8]) throws -> [UInt8]] = [
        "statement": { try Statement(encoded: $0).encoded },
        "signed-application": { try SignedApplication(encoded: $0).encoded },
        "manifest": { try Manifest(cbor: $0).cbor },
        "work-metadata": { try WorkMetadata(cbor: $0).cbor },
        "submission": { try Submission(cbor: $0).cbor },
        "stored-chain": { try stored(ChainRecord.self, $0) },
        "stored-member": { try stored(MemberRecord.self, $0) },
        "stored-party": { try stored(PartyRecord.self, $0) },
        "stored-key": { try stored(KeyRecord.self, $0) },
        "stored-work": { try stored(WorkRecord.self, $0) },
        "stored-version": { try stored(VersionRecord.self, $0) },
        "stored-title": { try stored(TitleRecord.self, $0) },
        "stored-offer": { try stored(OfferRecord.self, $0) },
        "stored-component": { try stored(ComponentRecord.self, $0) },
        "genesis-file": { try GenesisFile(cbor: $0).cbor },
        "member-application": { try MemberApplication(cbor: $0).cbor },
        "header": { try BlockHeader(cbor: $0).cbor },
        "header-leaf": { try BlockHeader(leaf: $0).leaf },
        "epoch-record": { try EpochRecord(cbor: $0).cbor },
        "certificate": { try FinalityCertificate(cbor: $0).cbor },
        "state-checkpoint": { try StateCheckpoint(cbor: $0).cbor },
        "state-proof": { try StateProof(cbor: $0).cbor },
        "inclusion-proof": { try InclusionProof(cbor: $0).cbor },
        "consistency-proof": { try ConsistencyProof(cbor: $0).cbor },
        "bundle": { try Bundle(cbor: $0).cbor },
        "history-link": { try HistoryLink(cbor: $0).cbor },
        "signed-vote": { try SignedVote(cbor: $0).cbor },
        "view-certificate": { try Certificate(cbor: $0).cbor },
        "view-proposal": { try Proposal(cbor: $0).cbor },
        "certificate-request": { try CertificateRequest(cbor: $0).cbor },
        "greeting": { try Greeting(cbor: $0).cbor },
        "equivocation": { try Equivocation(cbor: $0).cbor },
        "consensus-message": { try ConsensusMessage(cbor: $0).cbor },
        "journal-record": { try VoteJournal.Record(cbor: $0).cbor },
    ]

    private static func stored<R: Record>(_ type: R.Type, _ bytes: [UInt8]) throws -> [UInt8] {
        let record = try StoredRecord(cbor: bytes)
        return StoredRecord(body: try R(cbor: record.body).cbor, history: record.history).cbor
    }
}
