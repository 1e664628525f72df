import Foundation
import Testing

@testable import ProvChain

/// COSE Receipts (RFC 9942): made by us, taken apart and verified without our reader of receipts.
@Suite struct ReceiptTests {
    let story: BundleStory

    init() throws { story = try BundleStory.four.get() }

    /// The shape of an inclusion receipt for RFC9162_SHA256 (RFC 9942 section 5.2), and what it says.
    private struct Parts {
        let protected: [UInt8]
        let headers: [CBORValue.Pair]
        let size: UInt64
        let index: UInt64
        let path: [Digest]
        let signature: [UInt8]

        init(_ receipt: CBORValue) throws {
            guard case .tagged(18, .array(let parts)) = receipt, parts.count == 4,
                case .bytes(let protected) = parts[0], case .map(let unprotected) = parts[1],
                case .null = parts[2], case .bytes(let signature) = parts[3],
                unprotected.count == 1, unprotected[0].key == .unsigned(396),
                case .map(let proofs) = unprotected[0].value, proofs.count == 1, proofs[0].key == .negative(0),
                case .array(let inclusion) = proofs[0].value, inclusion.count == 1,
                case .bytes(let encoded) = inclusion[0],
                case .array(let proof) = try CBORValue(cbor: encoded), proof.count == 3,
                case .unsigned(let size) = proof[0], case .unsigned(let index) = proof[1],
                case .array(let path) = proof[2]
            else { throw Unexpected() }
            self.protected = protected
            self.signature = signature
            self.size = size
            self.index = index
            self.path = try path.map { item in
                guard case .bytes(let bytes) = item, let digest = Digest(bytes) else { throw Unexpected() }
                return digest
            }
            headers = try Self.lenientMap(protected)
        }

        func header(_ label: UInt64) -> CBORValue? { headers.first { $0.key == .unsigned(label) }?.value }

        /// COSE does not ask that a protected header be sorted, and the published one is not.
        private static func lenientMap(_ bytes: [UInt8]) throws -> [CBORValue.Pair] {
            var reader = CBORReader(bytes)
            let count = Int(bytes[0]) - 0xa0
            reader = CBORReader(Array(bytes.dropFirst()))
            var pairs: [CBORValue.Pair] = []
            for _ in 0..<count { pairs.append(.init(try CBORValue(from: &reader), try CBORValue(from: &reader))) }
            try reader.finish()
            return pairs
        }
    }

    private struct Unexpected: Error {}

    private func ours(_ index: UInt64, validator: Int = 0) throws -> [UInt8] {
        let root = try #require(story.root)
        let header = ReceiptHeader.sign(
            story.chain.ledger.tip.header, root: root, origin: BundleChain.origin, by: story.chain.logKeys[validator])
        return header.receipt(try story.chain.proof(index))
    }

    @Test(.enabled(if: PublishedVectors.arePresent, PublishedVectors.absence))
    func hasTheShapeOfThePublishedOne() throws {
        let published = try Parts(CBORValue(cbor: try PublishedVectors.bytes("cose/examples/inclusion-receipt.cbor")))
        #expect(published.size == 5 && published.index == 3 && published.path.count == 3)
        let receipt = try Parts(CBORValue(cbor: ours(3)))
        for parts in [published, receipt] {
            #expect(parts.header(395) == .unsigned(1))
            #expect(parts.signature.count == 64)
            guard case .bytes = parts.header(4), case .negative = parts.header(1),
                case .map(let claims) = parts.header(15)
            else {
                Issue.record("a protected header of another shape")
                continue
            }
            guard case .text = claims.first(where: { $0.key == .unsigned(1) })?.value else {
                Issue.record("no issuer")
                continue
            }
        }
        #expect(Set(published.headers.map(\.key)) == Set(receipt.headers.map(\.key)))
        print("vectors: cose receipts 1 of 1 has the shape of ours")
    }

    /// Against the recursive definition of RFC 9162, and the Sig_structure byte by byte.
    @Test func everyLeafHasAReceiptThatVerifies() throws {
        let leaves = story.chain.leaves
        let reference = ReferenceTree(leaves: leaves.map { SHA256.hash([0] + $0) })
        let root = reference.root(0..<leaves.count)
        var protectedHeaders: Set<[UInt8]> = []
        for index in leaves.indices {
            let parts = try Parts(CBORValue(cbor: ours(UInt64(index))))
            #expect(parts.size == UInt64(leaves.count) && parts.index == UInt64(index))
            #expect(parts.path == reference.path(index, 0..<leaves.count))
            let length = UInt16(parts.protected.count)
            let message =
                [0x84, 0x6a] + Array("Signature1".utf8) + [0x58, UInt8(length)] + parts.protected
                + [0x40, 0x58, 0x20] + root.bytes
            #expect(story.chain.logKeys[0].publicKey.verify(signature: parts.signature, message: message))
            protectedHeaders.insert(parts.protected)
        }
        // One header and one signature serve every leaf of the block.
        #expect(protectedHeaders.count == 1)
    }

    @Test func theProtectedHeaderIsTheOneOfTheSpecification() throws {
        let key = try SecretKey(algorithm: .edDSA, secret: [UInt8](repeating: 7, count: 32))
        let chain = Digest(filling: { for index in 0..<32 { $0[index] = UInt8(index) } })
        let header = BlockHeader(
            chain: chain, epoch: 0, height: 12, view: 12, parent: .zero, time: 1_800_000_000_999, proposer: 0,
            historySize: 20, historyRoot: .zero, stateRoot: .zero, epochRecord: .zero, nextEpochRecord: nil)
        let signed = ReceiptHeader.sign(header, root: .zero, origin: "log.example", by: key)
        let thumbprint = SHA256.hash(try hex("a3 01 01 20 06 21 58 20") + key.publicKey.bytes)
        let subject = "urn:provchain:chain:\(chain.hex)/blocks/12"
        // {1: -8, 4: kid, 15: {1: "log.example", 2: subject, 6: 1800000000}, 395: 1}
        var expected = try hex("a4 01 27 04 58 20") + thumbprint.bytes + hex("0f a3 01 6b") + Array("log.example".utf8)
        expected += try hex("02 78") + [UInt8(subject.utf8.count)] + Array(subject.utf8)
        expected += try hex("06 1a 6b49d200 19 018b 01")
        #expect(signed.protected == expected)
        let empty = InclusionProof(leafIndex: 0, treeSize: 1, path: [])
        // 18([protected, {396: {-1: [<<[1, 0, []]>>]}}, null, signature])
        let receipt =
            try hex("d2 84 58") + [UInt8(expected.count)] + expected + hex("a1 19018c a1 20 81 44 83 01 00 80 f6 5840")
            + signed.signature
        #expect(signed.receipt(empty) == receipt)
    }

    @Test func verifiesForOneCheckpointOneOriginAndOneKey() throws {
        let header = story.chain.ledger.tip.header
        let root = try #require(story.root)
        let (key, other) = (story.chain.logKeys[0], story.chain.logKeys[1])
        let signed = ReceiptHeader.sign(header, root: root, origin: BundleChain.origin, by: key)
        func verifies(_ header: BlockHeader, _ root: Digest, _ origin: String, _ key: SecretKey) -> Bool {
            signed.verify(header, root: root, origin: origin, key: key.publicKey)
        }
        #expect(verifies(header, root, BundleChain.origin, key))
        #expect(!verifies(header, .zero, BundleChain.origin, key))
        #expect(!verifies(header, root, "other.example/log", key))
        #expect(!verifies(header, root, BundleChain.origin, other))
        #expect(!verifies(header.with(height: 1), root, BundleChain.origin, key))
        #expect(!verifies(header.with(chain: .zero), root, BundleChain.origin, key))
        #expect(try ReceiptHeader(cbor: signed.cbor) == signed)
    }

    // MARK: Software that we did not write

    private static let script: URL = {
        var package = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { package.deleteLastPathComponent() }
        return package.appendingPathComponent("Tests/Foreign/verify_receipt.py")
    }()

    private static func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    static let hasPython: Bool = (try? python(["-c", "import cbor2, cryptography"]).status) == 0

    @Test(.enabled(if: ReceiptTests.hasPython, "needs python3 with cbor2 and cryptography"))
    func aForeignVerifierAgrees() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("receipts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String, _ bytes: [UInt8]) throws -> String {
            let url = folder.appendingPathComponent(name)
            try Data(bytes).write(to: url)
            return url.path
        }
        let place = try #require(
            story.chain.history(.work(story.vase)).first.flatMap { story.chain.place(of: $0.statement) })
        let statement = story.chain.leaves[Int(place)]
        let receipts = try [ours(place), ours(place, validator: 1)]
        let keys = story.chain.logKeys.map { Hex.encode($0.publicKey.bytes) }

        let statementFile = try file("statement", statement)
        let separate = ["--statement", statementFile, "--receipt", try file("receipt", receipts[0])]
        func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
            try Self.python([Self.script.path] + arguments)
        }
        let good = try run(separate + ["--key", keys[0], "--origin", BundleChain.origin])
        #expect(good.status == 0, "\(good.output)")
        #expect(try run(separate + ["--key", keys[1]]).status == 1)
        #expect(try run(separate + ["--key", keys[0], "--origin", "other.example"]).status == 1)
        let foreign = try file("foreign", story.chain.leaves[Int(place) + 1])
        #expect(try run(["--statement", foreign, "--receipt", folder.path + "/receipt", "--key", keys[0]]).status == 1)
        var damaged = receipts[0]
        damaged[damaged.count - 1] ^= 1
        let bad = ["--statement", statementFile, "--receipt", try file("damaged", damaged), "--key", keys[0]]
        #expect(try run(bad).status == 1)

        // A transparent statement (RFC 9943): the receipts stand in its unprotected header.
        let envelope = try COSESign1(cbor: statement)
        var unprotected = CBORWriter()
        unprotected.map(1)
        unprotected.uint(394)
        unprotected.array(2)
        for receipt in receipts { unprotected.byteString(receipt) }
        let transparent = COSESign1(
            protected: envelope.protected, unprotected: unprotected.bytes, payload: envelope.payload,
            signature: envelope.signature)
        let path = try file("transparent", transparent.cbor)
        let both = try run(["--transparent", path, "--key", keys[0], "--key", keys[1]])
        #expect(both.status == 0 && both.output.contains("2 receipts"), "\(both.output)")
        #expect(try run(["--transparent", path, "--key", keys[0]]).status == 1)
    }
}
