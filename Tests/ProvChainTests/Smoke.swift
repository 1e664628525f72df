import ProvChain
import Testing

@Test func digestOrderIsBytewise() throws {
    let a = try #require(Digest(hex: String(repeating: "00", count: 31) + "01"))
    #expect(Digest.zero < a)
    #expect(SHA256.hash([]).hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(CBORValue.array([.unsigned(1), .text("a")]).cbor == [0x82, 1, 0x61, 0x61])
}
