import ProvChain
import Testing

/// A public key exists only if it is a valid point, and has one encoding, one thumbprint and one did:key.
struct PublicKeyTests {
    static let generatorX = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    static let generatorY = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
    /// The Ed25519 key of the seed 00 01 … 1f.
    static let edKey = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8"

    @Test func secp256k1Points() throws {
        let x = try hex(Self.generatorX)
        let y = try hex(Self.generatorY)
        let key = try PublicKey(secp256k1: x + y)
        #expect(key.bytes == [2] + x)
        #expect(try PublicKey(algorithm: .es256k, bytes: [2] + x) == key)
        #expect(try PublicKey(secp256k1: [3] + x) != key)
        #expect(throws: KeyError.notOnCurve) { try PublicKey(secp256k1: x + x) }
        #expect(throws: KeyError.notOnCurve) { try PublicKey(secp256k1: [4] + x) }
        #expect(throws: KeyError.notOnCurve) { try PublicKey(secp256k1: [UInt8](repeating: 0, count: 64)) }
        // x = 5 is on no point of the curve.
        #expect(throws: KeyError.notOnCurve) {
            try PublicKey(secp256k1: [2] + [UInt8](repeating: 0, count: 31) + [5])
        }
        // x = p + 1, a second spelling of x = 1.
        let above = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30"
        #expect(throws: KeyError.notOnCurve) { try PublicKey(secp256k1: [2] + hex(above)) }
        #expect(throws: KeyError.wrongLength(expected: [33, 64], found: 65)) {
            try PublicKey(secp256k1: [4] + x + y)
        }
    }

    @Test func ed25519PointsOfSmallOrder() throws {
        let smallOrder = [
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        ]
        for text in smallOrder {
            #expect(throws: KeyError.smallOrder, "\(text)") { try PublicKey(ed25519: hex(text)) }
        }
    }

    @Test func ed25519PointsThatAreNotCanonicalOrNotOnTheCurve() throws {
        for first in 0xed...0xff as ClosedRange<UInt8> {
            for last in [0x7f, 0xff] as [UInt8] {
                let key = [first] + [UInt8](repeating: 0xff, count: 30) + [last]
                #expect(throws: KeyError.notCanonical) { try PublicKey(ed25519: key) }
            }
        }
        // y = 2 is on no point of the curve.
        #expect(throws: KeyError.notOnCurve) { try PublicKey(ed25519: [2] + [UInt8](repeating: 0, count: 31)) }
        #expect(throws: KeyError.wrongLength(expected: [32], found: 31)) {
            try PublicKey(algorithm: .edDSA, bytes: [UInt8](repeating: 9, count: 31))
        }
    }

    @Test func coseKeyOfSecp256k1() throws {
        let golden = try hex("a4 01 02 20 08 21 5820 \(Self.generatorX) 22 5820 \(Self.generatorY)")
        let key = try PublicKey(cbor: golden)
        #expect(key == (try PublicKey(secp256k1: hex("02" + Self.generatorX))))
        #expect(key.cbor == golden)
        #expect(key.kid.hex == "d8d0f392275ee94f8e7f847a2e77bf4bb6a43dcf1af3c00450f13b063a4894a8")
    }

    @Test func coseKeyOfEd25519() throws {
        let golden = try hex("a3 01 01 20 06 21 5820 \(Self.edKey)")
        let key = try PublicKey(cbor: golden)
        #expect(key == (try PublicKey(ed25519: hex(Self.edKey))))
        #expect(key.cbor == golden)
        #expect(key.kid.hex == "be5de2f4bcdc383add3fc9827d345f1a37c6a06026b38696fb3229c003b35f49")
    }

    @Test func coseKeysThatAreRefused() throws {
        let refused: [(String, CBORError.Kind)] = [
            // With alg, the same key would have a second encoding and another hash.
            ("a4 01 01 03 27 20 06 21 5820 \(Self.edKey)", .unexpectedKey),
            ("a4 01 01 02 41 01 20 06 21 5820 \(Self.edKey)", .unexpectedKey),
            ("a4 01 01 20 06 21 5820 \(Self.edKey) 23 41 00", .unexpectedKey),
            ("a3 01 02 20 08 21 5820 \(Self.generatorX)", .missingKey(-3)),
            // The compressed form of RFC 9053, y as a sign bit.
            ("a4 01 02 20 08 21 5820 \(Self.generatorX) 22 f4", .wrongType(expected: "a byte string of 32 bytes")),
            ("a3 01 01 20 06 21 581f \(Self.edKey.dropLast(2))", .wrongLength(expected: 32, found: 31)),
            // P-256 (curve 1) and X25519 (curve 4) do not sign here.
            (
                "a3 01 02 20 01 21 5820 \(Self.generatorX)",
                .invalidValue("a COSE_Key of type 2 and curve 1 is not used here")
            ),
            ("a3 01 01 20 04 21 5820 \(Self.edKey)", .invalidValue("\(KeyError.notOnCurve)")),
            (
                "a4 01 02 20 08 21 5820 \(Self.generatorX) 22 5820 \(Self.generatorX)",
                .invalidValue("\(KeyError.notOnCurve)")
            ),
        ]
        for (text, kind) in refused {
            let bytes = try hex(text)
            let error = #expect(throws: CBORError.self, "\(text)") { try PublicKey(cbor: bytes) }
            #expect(error?.kind == kind, "\(text)")
        }
    }

    /// RFC 9679 section 6: the example is a P-256 key, which we do not use, with the encoding that we do.
    @Test func thumbprintOfTheStandard() throws {
        let x = try hex("65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d")
        let y = try hex("1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c")
        let key = CBORValue.map([
            .init(.negative(2), .bytes(y)), .init(.negative(0), .unsigned(1)),
            .init(.negative(1), .bytes(x)), .init(.unsigned(1), .unsigned(2)),
        ])
        #expect(
            SHA256.hash(key.cbor).hex == "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec")
    }

    /// Vectors of the did:key specification: secret, did:key.
    @Test(arguments: [
        (
            SignatureAlgorithm.edDSA, "0000000000000000000000000000000000000000000000000000000000000000",
            "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
        ),
        (
            .es256k, "9085d2bef69286a6cbb51623c8fa258629945cd55ca705cc4e66700396894e0c",
            "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"
        ),
        (
            .es256k, "f0f4df55a2b3ff13051ea814a8f24ad00f2e469af73c363ac7e9fb999a9072ed",
            "did:key:zQ3shtxV1FrJfhqE1dvxYRcCknWNjHc3c5X1y3ZSoPDi2aur2"
        ),
    ])
    func didKey(algorithm: SignatureAlgorithm, secret: String, did: String) throws {
        let key = try SecretKey(algorithm: algorithm, secret: hex(secret)).publicKey
        #expect(key.did == did)
        #expect(try PublicKey(did: did) == key)
        #expect("\(key)" == did)
    }

    @Test func didKeysThatAreRefused() throws {
        let good = "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
        for text in [
            "", "did:key:", "did:key:z", "did:web:example.org", good.dropFirst(1).description, good + "0", good + "1",
            // The X25519 key of the same vectors: it does not sign.
            "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
            "did:key:z" + String(repeating: "1", count: 100_000),
        ] {
            #expect(throws: KeyError.self, "\(text.prefix(80))") { try PublicKey(did: text) }
        }
        let transport = try IdentityKey(did: "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc")
        #expect(transport.did == "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc")
        #expect(throws: KeyError.self) { try IdentityKey(did: good) }
    }
}
