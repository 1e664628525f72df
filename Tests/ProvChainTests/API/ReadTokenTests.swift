import ProvChain
import Testing

/// The bytes of a read token, by hand from docs/protocol.cddl.
@Suite struct ReadTokenTests {
    private let key: SecretKey
    private let claims = ReadToken.Claims(
        chain: .zero, party: SHA256.hash([1]), audience: "https://n", issuedAt: 1, expiry: 601,
        nonce: Array(0..<16))

    init() throws { key = try SecretKey(algorithm: .edDSA, secret: Array(repeating: 7, count: 32)) }

    @Test func theBytesAreThoseOfTheDescription() throws {
        let token = ReadToken.signed(claims, by: key)
        let kid = key.publicKey.kid
        let type = Array("application/vnd.provchain.read-token+cbor".utf8)
        var header: [UInt8] = [0xa3, 0x01, 0x27, 0x03, 0x78, UInt8(type.count)] + type
        header += [0x04, 0x58, 0x20] + kid.bytes
        let tag = Array("provchain/read-token/1".utf8)
        var payload: [UInt8] = [0x87, 0x60 + UInt8(tag.count)] + tag
        payload += [0x58, 0x20] + Digest.zero.bytes + [0x58, 0x20] + SHA256.hash([1]).bytes
        payload += [0x69] + Array("https://n".utf8) + [0x01, 0x19, 0x02, 0x59, 0x50] + Array(0..<16)
        let encoded = try #require(ProvChain.Base64URL.decode(token.text))
        var expected: [UInt8] = [0xd2, 0x84, 0x58, UInt8(header.count)] + header
        expected += [0xa0, 0x58, UInt8(payload.count)] + payload + [0x58, 0x40]
        #expect(encoded.dropLast(64) == expected[...])
        let read = try #require(ReadToken(text: token.text))
        #expect(read == token)
        #expect(read.verify(with: key.publicKey))
    }

    @Test func anythingElseIsNotAToken() throws {
        let token = ReadToken.signed(claims, by: key)
        let bytes = try #require(ProvChain.Base64URL.decode(token.text))
        #expect(ReadToken(text: token.text + "=") == nil)
        #expect(ReadToken(text: "") == nil)
        #expect(ReadToken(text: ProvChain.Base64URL.encode(bytes + [0])) == nil)
        #expect(ReadToken(text: ProvChain.Base64URL.encode(bytes.dropLast())) == nil)
        #expect(ReadToken(text: String(repeating: "A", count: 100_000)) == nil)
        // A changed bit is no token, or one that does not verify.
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            if let read = ReadToken(text: ProvChain.Base64URL.encode(changed)) {
                #expect(!read.verify(with: key.publicKey))
            }
        }
    }

    /// RFC 4648 section 10, without the padding, and the two characters that differ.
    @Test func base64URLHasOneTextForEachByteString() {
        for (text, bytes) in [("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob")] {
            #expect(ProvChain.Base64URL.encode(Array(bytes.utf8)) == text)
            #expect(ProvChain.Base64URL.decode(text) == Array(bytes.utf8))
        }
        #expect(ProvChain.Base64URL.encode([0xfb, 0xff]) == "-_8")
        for bad in ["Zg==", "Zh", "+_8", "-/8", "Z", "Zm 9v"] {
            #expect(ProvChain.Base64URL.decode(bad) == nil, "\(bad)")
        }
    }
}
