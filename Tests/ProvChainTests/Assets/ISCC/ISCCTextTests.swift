import ProvChain
import Testing

/// The text form of units and composites, and what is refused.
@Suite struct ISCCTextTests {
    static let digests = FileDigests(of: Array("hello world".utf8))

    @Test func everyLengthAndKindReadsBack() throws {
        let kinds: [ISCCUnit.Kind] = [
            .meta, .semantic(.text), .semantic(.mixed), .content(.image), .content(.video), .data, .instance,
        ]
        for kind in kinds {
            for length in ISCCLength.allCases {
                let unit = ISCCUnit(kind, digest: Self.digests.sha256, length: length)
                #expect(try ISCCUnit(text: unit.text) == unit)
                #expect(unit.bits == length.bits)
            }
        }
    }

    /// Golden text by iscc-core 1.5.0: gen_iscc_code_v0 of the two 256-bit units of `hello world`.
    @Test func theSumOfTwoUnits() throws {
        #expect(Self.digests.iscc().text == "ISCC:KUAP5Q74YXNZC4EK25EYD35HBIGIQ")
        #expect(Self.digests.iscc(wide: true).text == "ISCC:K4AP5Q74YXNZC4EKRCQEKOXKMYHCJV2JQHX2OCQMRAFY3DAZQXIHLWY")
        for wide in [false, true] {
            let code = Self.digests.iscc(wide: wide)
            #expect(try ISCCCode(text: code.text) == code)
            #expect(code.isWide == wide)
        }
    }

    @Test func aCompositeNeedsEachUnitOnce() throws {
        let data = Self.digests.dataCode(.bits128)
        let instance = Self.digests.instanceCode(.bits128)
        let image = ISCCUnit(.content(.image), digest: Self.digests.sha256)
        let text = ISCCUnit(.semantic(.text), digest: Self.digests.sha256)
        let short = ISCCUnit(.data, digest: Self.digests.dataHash, length: .bits32)
        #expect(throws: ISCCError.missingOrRepeatedUnit) { try ISCCCode([data]) }
        #expect(throws: ISCCError.missingOrRepeatedUnit) { try ISCCCode([image, instance]) }
        #expect(throws: ISCCError.missingOrRepeatedUnit) { try ISCCCode([data, data, instance]) }
        #expect(throws: ISCCError.unitTooShort(bits: 32)) { try ISCCCode([short, instance]) }
        #expect(throws: ISCCError.differentMedia) { try ISCCCode([image, text, data, instance]) }
        #expect(throws: ISCCError.wideWithOtherUnits) { try ISCCCode([image, data, instance], wide: true) }
        #expect(try ISCCCode([instance, data], wide: true) == Self.digests.iscc(wide: true))
    }

    /// A unit has one text: no padding, no lower case, no stray bits, nothing before or after.
    @Test(arguments: [
        "ISCC:gaaxl2xym5bqiaz3", "iscc:GAAXL2XYM5BQIAZ3", "ISCC:GAAXL2XYM5BQIAZ3=", "ISCC: GAAXL2XYM5BQIAZ3",
        "ISCC:\u{301}GAAXL2XYM5BQIAZ3", "ISCC:GABXOD4P2IS6YHS2XOK6IBVPVXPPH", "ISCC:GAAXL2XYM5BQIAZ1", "ISCC:G",
    ])
    func textThatIsNotBase32(text: String) {
        #expect(throws: ISCCError.notBase32) { try ISCCUnit(text: text) }
    }

    @Test func headersAndLengthsThatDoNotFit() throws {
        #expect(throws: ISCCError.truncated(byteCount: 0)) { try ISCCUnit(text: "ISCC:") }
        #expect(throws: ISCCError.truncated(byteCount: 1)) { try ISCCUnit(text: "ISCC:GA") }
        #expect(throws: ISCCError.wrongBodyLength(expected: 8, actual: 9)) {
            try ISCCUnit(text: "ISCC:GAAXL2XYM5BQIAZ3AA")
        }
        // A composite is not a unit, nor the other way round, and an ISCC-ID is neither.
        #expect(throws: ISCCError.unknownHeader(mainType: 5, subType: 5, version: 0, length: 0)) {
            try ISCCUnit(text: Self.digests.iscc().text)
        }
        #expect(throws: ISCCError.unknownHeader(mainType: 3, subType: 0, version: 0, length: 1)) {
            try ISCCCode(text: "ISCC:GAAXL2XYM5BQIAZ3")
        }
        #expect(throws: ISCCError.unknownHeader(mainType: 6, subType: 0, version: 1, length: 1)) {
            try ISCCUnit(text: "ISCC:MAIXL2XYM5BQIAZ3")
        }
    }

    @Test func aTitleIsNeeded() {
        #expect(throws: ISCCError.emptyTitle) { try ISCCMetaCode(title: " \n\u{200B}") }
        #expect(throws: ISCCError.metadataTooLong(bytes: 128_001, limit: 128_000)) {
            try ISCCMetaCode(title: "a", metadata: [UInt8](repeating: 0, count: 128_001))
        }
    }
}
