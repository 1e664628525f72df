import ProvChain
import Testing

/// COSE_Sign1 (RFC 9052 section 4.2): what is signed, what is kept verbatim, what is refused.
struct COSESign1Tests {
    static func key(_ algorithm: SignatureAlgorithm) throws -> SecretKey {
        try SecretKey(algorithm: algorithm, secret: [UInt8](repeating: 7, count: 32))
    }

    @Test func encodingIsTheStandards() throws {
        let message = COSESign1(protected: [0xa1, 1, 0x27], payload: [1, 2], signature: [9])
        #expect(try message.cbor == hex("d2 84 43a10127 a0 420102 4109"))
        let detached = COSESign1(
            protected: [], unprotected: try hex("a119018c80"), payload: nil, signature: [9])
        #expect(try detached.cbor == hex("d2 84 40 a119018c80 f6 4109"))
        #expect(try COSESign1(cbor: message.cbor) == message)
        #expect(try COSESign1(cbor: detached.cbor) == detached)
    }

    @Test func sigStructureIsTheStandards() throws {
        let header = try hex("a10127")
        #expect(
            try COSESign1.sigStructure(protected: header, externalAAD: [0xaa], payload: [1, 2])
                == hex("84 6a5369676e617475726531 43a10127 41aa 420102"))
        // No header and an empty one are the same to the signer (RFC 9052 section 4.4).
        let none = try hex("84 6a5369676e617475726531 40 40 40")
        #expect(COSESign1.sigStructure(protected: [], payload: []) == none)
        #expect(COSESign1.sigStructure(protected: [0xa0], payload: []) == none)
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func signAndVerify(algorithm: SignatureAlgorithm) throws {
        let key = try Self.key(algorithm)
        var header = CBORWriter()
        header.map(1)
        header.int(COSEHeader.algorithm)
        header.int(algorithm.rawValue)
        let message = COSESign1.signed(protected: header.bytes, payload: [1, 2, 3], externalAAD: [4], by: key)
        #expect(message.algorithm == algorithm.rawValue)
        #expect(message.verify(with: key.publicKey, externalAAD: [4]))
        #expect(!message.verify(with: key.publicKey))
        #expect(!message.verify(with: key.publicKey, externalAAD: [4], detachedPayload: [1, 2, 3]))
        let detached = COSESign1.signed(
            protected: header.bytes, payload: [1, 2, 3], detached: true, externalAAD: [4], by: key)
        #expect(detached.signature == message.signature)
        #expect(detached.payload == nil)
        #expect(detached.verify(with: key.publicKey, externalAAD: [4], detachedPayload: [1, 2, 3]))
        #expect(!detached.verify(with: key.publicKey, externalAAD: [4]))
        let changed = COSESign1(
            protected: header.bytes, unprotected: try hex("a10400"), payload: [1, 2, 3], signature: message.signature)
        // The unprotected header is not signed: that is why a statement may not have one.
        #expect(changed.verify(with: key.publicKey, externalAAD: [4]))
    }

    @Test func aHeaderWithAnotherAlgorithmDoesNotVerify() throws {
        let key = try Self.key(.es256k)
        for header in [try hex("a10127"), try hex("a10126"), [], [0xa0], try hex("a10341aa"), try hex("a101f6")] {
            let input = COSESign1.sigStructure(protected: header, payload: [1])
            let message = COSESign1(protected: header, payload: [1], signature: key.sign(input))
            #expect(key.publicKey.verify(signature: message.signature, message: input))
            #expect(!message.verify(with: key.publicKey))
        }
    }

    @Test func envelopesThatAreRefused() throws {
        let refused: [(String, CBORError.Kind)] = [
            ("84 40 a0 40 40", .wrongType(expected: "a tag")),
            ("d1 84 40 a0 40 40", .invalidValue("expected tag 18, found 17")),
            ("d812 84 40 a0 40 40", .notShortest),
            ("d2 83 40 a0 40", .wrongLength(expected: 4, found: 3)),
            ("d2 9f 40 a0 40 40 ff", .indefiniteLength),
            ("d2 84 a0 a0 40 40", .wrongType(expected: "a byte string")),
            ("d2 84 40 40 40 40", .wrongType(expected: "a map")),
            ("d2 84 40 a2 02 00 01 00 40 40", .keysNotSorted),
            ("d2 84 40 a0 60 40", .wrongType(expected: "a byte string")),
            ("d2 84 40 a0 40 f6", .wrongType(expected: "a byte string")),
            ("d2 84 40 a0 40 40 00", .trailingBytes(1)),
            ("d2 84 40 a0 40 5b7fffffffffffffff", .truncated(needed: UInt64(Int64.max))),
        ]
        for (text, kind) in refused {
            let bytes = try hex(text)
            let error = #expect(throws: CBORError.self, "\(text)") { try COSESign1(cbor: bytes) }
            #expect(error?.kind == kind, "\(text)")
        }
    }
}
