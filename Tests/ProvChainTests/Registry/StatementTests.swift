@testable import ProvChain
import Testing

/// What is judged before execution: that the bytes are a statement, and that the signature is good.
@Suite struct StatementTests {
    private func statement() throws -> Statement {
        var chain = try TestChain()
        return try chain.registration(TestChain.content("vase", distinctive: ["lid"]), by: chain.registrar).statement
    }

    private func rule(_ bytes: [UInt8]) -> Rule? {
        do throws(Refusal) {
            _ = try Statement(encoded: bytes)
            return nil
        } catch {
            return error.rule
        }
    }

    @Test func theIdIsTheHashOfTheSigStructure() throws {
        let statement = try statement()
        let envelope = try COSESign1(cbor: statement.encoded)
        let structure = CBORValue.array([
            .text("Signature1"), .bytes(envelope.protected), .bytes([]), .bytes(try #require(envelope.payload)),
        ])
        #expect(statement.id == SHA256.hash(structure.cbor))
        #expect(statement.toBeSigned == structure.cbor)
        #expect(statement.leafHash == SHA256.hash([0] + statement.encoded))
        #expect(try Statement(encoded: statement.encoded) == statement)
    }

    /// Whatever byte changes: the bytes are refused, or they are another statement, or another signature that
    /// does not verify. Nothing has two encodings.
    @Test func everyByteCounts() throws {
        let statement = try statement()
        let key = try TestParty.key("founder", .es256k).publicKey
        #expect(statement.check(with: key).verify())
        var malformed = 0
        for index in statement.encoded.indices {
            for bit in [0, 3, 7] {
                var bytes = statement.encoded
                bytes[index] ^= 1 << UInt8(bit)
                do throws(Refusal) {
                    let other = try Statement(encoded: bytes)
                    #expect(other.toBeSigned.count > 0 && SHA256.hash(other.toBeSigned) == other.id, "byte \(index)")
                    #expect(other.id != statement.id || other.signature != statement.signature)
                    #expect(!other.check(with: key).verify(), "byte \(index)")
                } catch {
                    #expect(error.rule == .malformed)
                    malformed += 1
                }
            }
        }
        #expect(malformed > 100)
        for count in 0..<statement.encoded.count {
            #expect(rule(Array(statement.encoded.prefix(count))) == .malformed)
        }
        #expect(rule(statement.encoded + [0]) == .malformed)
    }

    /// U+037E, the Greek question mark, is canonically equivalent to a semicolon, but not the same bytes.
    @Test func textIsComparedByBytes() throws {
        let statement = try statement()
        let envelope = try COSESign1(cbor: statement.encoded)
        let semicolon = try #require(envelope.protected.lastIndex(of: 0x3b))
        var bytes = envelope.protected
        bytes.replaceSubrange(semicolon...semicolon, with: [0xcd, 0xbe])
        // The length of the text, grows by one.
        let length = try #require(bytes.firstIndex(of: UInt8(StatementType.registerWork.contentType.utf8.count)))
        bytes[length] += 1
        let changed = COSESign1(protected: bytes, payload: envelope.payload, signature: envelope.signature)
        #expect(rule(changed.cbor) == .malformed)
        #expect(StatementType(contentType: "application/vnd.provchain.statement+cbor\u{37e}type=work.register") == nil)
    }

    @Test func aStatementHasAtMost65535Bytes() throws {
        #expect(rule([UInt8](repeating: 0, count: Limits.statementBytes + 1)) == .tooLarge)
        #expect(rule([UInt8](repeating: 0, count: Limits.statementBytes)) == .malformed)
        // The largest content that the schema allows fits.
        var chain = try TestChain()
        let names = (0..<Limits.distinctiveComponents).map { "part \($0)" }
        let largest = try chain.registration(TestChain.content("vase", distinctive: names), by: chain.registrar)
        #expect(largest.statement.encoded.count <= Limits.statementBytes)
        #expect(try chain.rule(refusing: largest.statement) == nil)
        #expect(throws: Refusal.self, "one component too many") {
            try chain.registration(TestChain.content("vase", distinctive: names + ["more"]), by: chain.registrar)
        }
    }

    @Test func theUnprotectedHeaderIsEmptyAndThePayloadIsThere() throws {
        let envelope = try COSESign1(cbor: statement().encoded)
        let filled = COSESign1(
            protected: envelope.protected, unprotected: [0xa1, 4, 0x41, 0], payload: envelope.payload,
            signature: envelope.signature)
        #expect(rule(filled.cbor) == .malformed)
        let detached = COSESign1(protected: envelope.protected, payload: nil, signature: envelope.signature)
        #expect(rule(detached.cbor) == .malformed)
        let short = COSESign1(
            protected: envelope.protected, payload: envelope.payload, signature: Array(envelope.signature.dropLast()))
        #expect(rule(short.cbor) == .malformed)
        #expect(rule(Array(envelope.cbor.dropFirst())) == .malformed, "untagged")
    }

    @Test func aPayloadHasTheLayoutOfItsType() throws {
        let statement = try statement()
        let envelope = try COSESign1(cbor: statement.encoded)
        for type in StatementType.allCases where type != .registerWork {
            let header = Statement.Header(
                algorithm: statement.algorithm, type: type, kid: statement.kid, claims: statement.claims)
            let other = COSESign1(protected: header.cbor, payload: envelope.payload, signature: envelope.signature)
            #expect(rule(other.cbor) == .malformed, "\(type)")
        }
    }

    @Test func aSignatureOfAnotherKeyOrOverOtherContentDoesNotVerify() throws {
        for algorithm in SignatureAlgorithm.allCases {
            var chain = try TestChain()
            let alice = try chain.enrol("alice", algorithm)
            let first = try chain.registration(TestChain.content("vase"), by: alice).statement
            let second = try chain.registration(TestChain.content("bowl"), by: alice).statement
            #expect(first.check(with: alice.key.publicKey).verify())
            #expect(!first.check(with: try TestParty.key("bob", algorithm).publicKey).verify())
            let envelope = try COSESign1(cbor: first.encoded)
            let swapped = try Statement(
                encoded: COSESign1(
                    protected: envelope.protected, payload: envelope.payload, signature: second.signature
                ).cbor)
            #expect(!swapped.check(with: alice.key.publicKey).verify())
            // What a node answers then.
            let refusal = Refusal(.badSignature, ["key": alice.key.publicKey.kid.hex])
            #expect(!refusal.description.contains("{"))
        }
    }

    @Test func numbersOfTheVocabulariesAreFixed() {
        #expect(WorkCategory.allCases.map(\.rawValue) == Array(1...12))
        #expect(ClaimBasis.allCases.map(\.rawValue) == Array(1...6))
        #expect(EvidenceKind.allCases.map(\.rawValue) == Array(1...8))
        #expect(PartyKind.allCases.map(\.rawValue) == [1, 2, 3])
        #expect(Role.allCases.map(\.rawValue) == Array(1...9))
        #expect(OfferStatus.allCases.map(\.rawValue) == [0, 1, 2, 3])
        #expect(KeyPurpose.allCases.map(\.rawValue) == [1, 2, 3, 16, 17, 18, 19])
        #expect(URN.Kind.allCases.map(\.rawValue) == Array(1...10))
        #expect(Right.allCases.map(\.rawValue) == [1])
        #expect(Set(Rule.allCases.map(\.rawValue)).count == Rule.allCases.count)
    }
}
