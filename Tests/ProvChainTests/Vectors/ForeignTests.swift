import Foundation
@testable import ProvChain
import Testing

/// Statements and applications that other libraries made (pycose, cwt, cbor2, cryptography):
/// `Tests/Foreign/make_foreign_statements.py` writes them.
@Suite struct ForeignTests {
    struct Case: Codable {
        let name: String
        let statement: String?
        let application: String?
        /// COSE_Key, hexadecimal.
        let key: String
        let party: String
        let chain: String
        let type: String
    }

    private static func cases() throws -> [Case] {
        let file = GoldenTests.folder.appendingPathComponent("foreign.json")
        return try JSONDecoder().decode([Case].self, from: Data(contentsOf: file))
    }

    @Test func statementsOfOtherLibrariesAreReadAndVerified() throws {
        let cases = try Self.cases()
        for entry in cases {
            guard let hex = entry.statement else { continue }
            let statement = try Statement(encoded: try #require(Hex.decode(hex)))
            let key = try PublicKey(cbor: try #require(Hex.decode(entry.key)))
            #expect(statement.kid == key.kid && statement.algorithm == key.algorithm, "\(entry.name)")
            #expect(statement.claims.issuer.hex == entry.party && statement.claims.chain.hex == entry.chain)
            #expect(statement.payload.type.rawValue == entry.type)
            #expect(statement.check(with: key).verify(), "\(entry.name)")
            if case .registerWork = statement.payload {
                #expect(statement.claims.subject == .work(statement.derivedIdentifier), "\(entry.name)")
            }
            // The same content encoded here has the same bytes, but for the signature.
            let ours = COSESign1(
                protected: Statement.Header(
                    algorithm: statement.algorithm, type: statement.payload.type, kid: statement.kid,
                    claims: statement.claims
                ).cbor, payload: statement.payload.cbor, signature: statement.signature)
            #expect(Hex.encode(ours.cbor) == hex, "\(entry.name)")
        }
        print("vectors: foreign \(cases.count) of 6 as expected")
        #expect(cases.count == 6)
    }

    @Test func applicationsOfOtherLibrariesAreReadAndVerified() throws {
        for entry in try Self.cases() {
            guard let hex = entry.application else { continue }
            let application = try SignedApplication(encoded: try #require(Hex.decode(hex)))
            #expect(application.party.hex == entry.party && application.chain.hex == entry.chain, "\(entry.name)")
            #expect(Hex.encode(try #require(application.application.keys.first).key.cbor) == entry.key)
        }
    }
}
