import ProvChain
import Testing

/// The examples of the COSE working group, and the receipts of a SCITT demonstration.
@Suite(.enabled(if: PublishedVectors.arePresent, PublishedVectors.absence))
struct COSEVectorTests {
    struct Example: Decodable {
        struct Input: Decodable {
            let plaintext: String
            let sign0: Signer?
            let sign: Signers?
        }

        struct Signers: Decodable {
            let signers: [Signer]
        }

        struct Signer: Decodable {
            let key: Key
            let external: String?
        }

        struct Key: Decodable {
            let crv: String
            let x: String?
            let y: String?
            let xHex: String?

            enum CodingKeys: String, CodingKey {
                case crv, x, y
                case xHex = "x_hex"
            }
        }

        struct Intermediates: Decodable {
            let toBeSigned: String?
            let signers: [Intermediates]?

            enum CodingKeys: String, CodingKey {
                case toBeSigned = "ToBeSign_hex"
                case signers
            }
        }

        struct Output: Decodable {
            let cbor: String
        }

        let title: String
        let fail: Bool?
        let input: Input
        let intermediates: Intermediates
        let output: Output
    }

    /// ES256 is not ours, so the verdict on the signature is libcrypto's, over our Sig_structure. One example
    /// that passes comes without the tag, which we demand: it is refused as it is, and passes with its tag.
    @Test func sign1() throws {
        let files = try PublishedVectors.files("cose/sign1-tests")
        var untagged = 0
        for file in files {
            let example: Example = try PublishedVectors.decode(file)
            let signer = try #require(example.input.sign0)
            let external = try hex(signer.external ?? "")
            var bytes = try hex(example.output.cbor)
            if bytes.first == 0x84 {
                let error = #expect(throws: CBORError.self) { try COSESign1(cbor: bytes) }
                #expect(error?.kind == .wrongType(expected: "a tag"))
                bytes.insert(0xd2, at: 0)
                untagged += 1
            }
            let message = try? COSESign1(cbor: bytes)
            let input = message?.sigStructure(externalAAD: external)
            var verdict = false
            if let message, let input {
                #expect(message.cbor == bytes)
                verdict = try P256.verify(
                    message.signature, message: input, x: Base64URL.decode(try #require(signer.key.x)),
                    y: Base64URL.decode(try #require(signer.key.y)))
            }
            #expect(verdict == !(example.fail ?? false), "\(example.title)")
            // A failing example's intermediate bytes are those before it was spoiled.
            let toBeSigned = try hex(try #require(example.intermediates.toBeSigned))
            #expect(verdict == (input == toBeSigned), "\(example.title)")
        }
        #expect(untagged == 1)
        print("vectors: COSE sign1-tests \(files.count) of \(files.count) as expected; \(untagged) only once tagged")
    }

    /// Ed25519 in COSE_Sign1 verifies; COSE_Sign (tag 98) is another message, and Ed448 another curve.
    @Test func edDSA() throws {
        let files = try PublishedVectors.files("cose/eddsa-examples")
        for file in files {
            let example: Example = try PublishedVectors.decode(file)
            let bytes = try hex(example.output.cbor)
            if let signer = example.input.sign0 {
                let message = try COSESign1(cbor: bytes)
                #expect(message.cbor == bytes)
                #expect(message.payload == Array(example.input.plaintext.utf8))
                #expect(message.algorithm == SignatureAlgorithm.edDSA.rawValue)
                #expect(try message.sigStructure() == hex(try #require(example.intermediates.toBeSigned)))
                let x = try hex(try #require(signer.key.xHex))
                if signer.key.crv == "Ed25519" {
                    #expect(try message.verify(with: PublicKey(ed25519: x)))
                } else {
                    #expect(throws: KeyError.wrongLength(expected: [32], found: 57)) { try PublicKey(ed25519: x) }
                    #expect(message.signature.count != SignatureAlgorithm.signatureByteCount)
                }
            } else {
                let error = #expect(throws: CBORError.self) { try COSESign1(cbor: bytes) }
                #expect(error?.kind == .invalidValue("expected tag 18, found 98"))
                let signer = try #require(example.input.sign?.signers.first)
                let toBeSigned = try hex(try #require(example.intermediates.signers?.first?.toBeSigned))
                if signer.key.crv == "Ed25519" {
                    let key = try PublicKey(ed25519: hex(try #require(signer.key.xHex)))
                    #expect(key.verify(signature: Array(bytes.suffix(64)), message: toBeSigned))
                }
            }
        }
        #expect(!files.isEmpty)
        print("vectors: COSE eddsa-examples \(files.count) of \(files.count) as expected")
    }

    /// Receipts (RFC 9942) decode: detached payload, proof in the unprotected header, ES256. Their keys are
    /// not published with them, and their protected headers are not in deterministic order (395 before 15):
    /// the envelope keeps those bytes as they are, and a schema that demands the order refuses them.
    @Test(arguments: [("inclusion", UInt64(0), 3), ("consistency", 1, 4)])
    func receipts(kind: String, label: UInt64, pathLength: Int) throws {
        let bytes = try PublishedVectors.bytes("cose/examples/\(kind)-receipt.cbor")
        let receipt = try COSESign1(cbor: bytes)
        #expect(receipt.cbor == bytes)
        #expect(receipt.payload == nil)
        #expect(receipt.sigStructure() == nil)
        #expect(receipt.algorithm == -7)
        #expect(receipt.signature.count == 64)
        #expect(throws: CBORError.self) { try CBORValue(cbor: receipt.protected) }
        let proofs = CBORValue.unsigned(UInt64(COSEHeader.verifiableDataProofs))
        guard case .map(let header) = try CBORValue(cbor: receipt.unprotected), header.first?.key == proofs,
            case .map(let kinds)? = header.first?.value, kinds.first?.key == .negative(label),
            case .array(let list)? = kinds.first?.value, case .bytes(let proof)? = list.first,
            case .array(let fields) = try CBORValue(cbor: proof), case .array(let path)? = fields.last
        else {
            Issue.record("the \(kind) receipt has another shape")
            return
        }
        #expect(fields.count == 3)
        #expect(path.count == pathLength)
        print("vectors: COSE \(kind) receipt decodes and re-encodes identically")
    }
}

enum Base64URL {
    static func decode(_ text: String) throws -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        var bytes: [UInt8] = []
        var bits = 0
        var bitCount = 0
        for character in text {
            bits = bits << 6 | (try #require(alphabet.firstIndex(of: character)))
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        return bytes
    }
}
