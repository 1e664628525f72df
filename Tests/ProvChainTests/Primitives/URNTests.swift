@testable import ProvChain
import Testing

@Suite struct URNTests {
    private static let id = TestChain.hash("x")
    private static let hex = id.hex

    private static let all: [(URN, String)] = [
        (.chain(id), "urn:provchain:chain:\(hex)"),
        (.member(id), "urn:provchain:member:\(hex)"),
        (.party(id), "urn:provchain:party:\(hex)"),
        (.key(id), "urn:provchain:key:\(hex)"),
        (.work(id), "urn:provchain:work:\(hex)"),
        (.version(work: id, sequence: 1), "urn:provchain:version:\(hex):1"),
        (.version(work: id, sequence: .max), "urn:provchain:version:\(hex):4294967295"),
        (.title(work: id, right: .copyright), "urn:provchain:title:\(hex):1"),
        (.offer(id), "urn:provchain:offer:\(hex)"),
        (.component(id), "urn:provchain:component:\(hex)"),
        (.statement(id), "urn:provchain:statement:\(hex)"),
    ]

    @Test func everyKindHasOneSpelling() {
        for (urn, text) in Self.all {
            #expect(urn.description == text && URN(text) == urn)
            #expect(text.utf8.count <= URN.maximumLength)
        }
        #expect(Set(Self.all.map(\.0.kind)) == Set(URN.Kind.allCases))
        #expect(Set(Self.all.map(\.0.stateKey)).count == Self.all.count)
    }

    @Test func everyOtherSpellingIsRefused() {
        let hex = Self.hex
        let bad = [
            "", "urn:", "urn:provchain:", "urn:provchain:work", "urn:provchain:work:", "urn:provchain:work:\(hex):",
            "urn:provchain:work:\(hex):1", "URN:provchain:work:\(hex)", "urn:Provchain:work:\(hex)",
            "urn:provchain:Work:\(hex)", "urn:provchain:work:\(hex.uppercased())",
            "urn:provchain:work:\(hex.dropLast())",
            "urn:provchain:work:\(hex)00", " urn:provchain:work:\(hex)", "urn:provchain:work:\(hex) ",
            "urn:provchain:thing:\(hex)", "urn:provchain:version:\(hex)", "urn:provchain:version:\(hex):",
            "urn:provchain:version:\(hex):01", "urn:provchain:version:\(hex):+1", "urn:provchain:version:\(hex):-1",
            "urn:provchain:version:\(hex):4294967296", "urn:provchain:version:\(hex):1:1",
            "urn:provchain:version:\(hex):\u{661}", "urn:provchain:title:\(hex)", "urn:provchain:title:\(hex):0",
            "urn:provchain:title:\(hex):2", "urn:provchain:work:\(hex)\u{301}", "urn:provchain::work:\(hex)",
            "urn:provchain:work:\(hex)\n", "urn:provchain:work:\(hex)?x", "did:key:z6Mk",
        ]
        for text in bad { #expect(URN(text) == nil, "\(text)") }
    }

    /// SHA-256 of ["provchain/state-key/1", kind, id] or with a number, by hand.
    @Test func stateKeysAreTaggedHashes() {
        let tag = Array("provchain/state-key/1".utf8)
        let head: [UInt8] = [0x60 + UInt8(tag.count)] + tag
        #expect(URN.work(Self.id).stateKey == SHA256.hash([0x83] + head + [5, 0x58, 32] + Self.id.bytes))
        #expect(
            URN.version(work: Self.id, sequence: 300).stateKey
                == SHA256.hash([0x84] + head + [6, 0x58, 32] + Self.id.bytes + [0x19, 1, 44]))
        #expect(
            URN.title(work: Self.id, right: .copyright).stateKey
                == SHA256.hash([0x84] + head + [7, 0x58, 32] + Self.id.bytes + [1]))
    }
}
