import ProvChain
import Testing

/// What deterministic CBOR (RFC 8949 section 4.2.1) rules out is refused, with the place and the reason.
struct CBORRejectionTests {
    typealias Case = (input: String, kind: CBORError.Kind, offset: Int)

    func check(_ cases: [Case]) throws {
        for (input, kind, offset) in cases {
            let bytes = try hex(input)
            let error = #expect(throws: CBORError.self, "\(input)") { try CBORValue(cbor: bytes) }
            #expect(error == CBORError(kind, at: offset), "\(input): \(error.map(String.init(describing:)) ?? "")")
        }
    }

    @Test func inputThatEndsTooEarly() throws {
        try check([
            ("", .truncated(needed: 1), 0),
            ("19", .truncated(needed: 2), 0),
            ("1b00000001", .truncated(needed: 4), 0),
            ("430102", .truncated(needed: 1), 0),
            ("8201", .truncated(needed: 1), 0),
            ("820182", .truncated(needed: 2), 2),
            ("a20102", .truncated(needed: 2), 0),
            ("a101", .truncated(needed: 1), 0),
            ("c2", .truncated(needed: 1), 1),
        ])
    }

    @Test func numbersAndLengthsNotInShortestForm() throws {
        try check([
            ("1817", .notShortest, 0),
            ("190017", .notShortest, 0),
            ("1900ff", .notShortest, 0),
            ("1a0000ffff", .notShortest, 0),
            ("1b00000000ffffffff", .notShortest, 0),
            ("3817", .notShortest, 0),
            ("5801aa", .notShortest, 0),
            ("780161", .notShortest, 0),
            ("980100", .notShortest, 0),
            ("b8010000", .notShortest, 0),
            ("d80200", .notShortest, 0),
            ("81190017", .notShortest, 1),
        ])
    }

    @Test func shortestFormsOfEachWidthAreTaken() throws {
        for text in ["17", "1818", "18ff", "190100", "19ffff", "1a00010000", "1affffffff", "1b0000000100000000"] {
            #expect(try CBORValue(cbor: hex(text)).cbor == hex(text))
        }
    }

    @Test func lengthsLeftOpen() throws {
        try check([
            ("5f4101ff", .indefiniteLength, 0),
            ("7f6161ff", .indefiniteLength, 0),
            ("9fff", .indefiniteLength, 0),
            ("bfff", .indefiniteLength, 0),
            ("ff", .indefiniteLength, 0),
            ("82019fff", .indefiniteLength, 2),
        ])
    }

    @Test func floatsAndSimpleValues() throws {
        try check([
            ("f90000", .floatNotAllowed, 0),
            ("fa00000000", .floatNotAllowed, 0),
            ("fb0000000000000000", .floatNotAllowed, 0),
            ("f7", .reservedValue(23), 0),
            ("e0", .reservedValue(0), 0),
            ("f814", .reservedValue(24), 0),
            ("1c", .reservedValue(28), 0),
            ("5d", .reservedValue(29), 0),
            ("fe", .reservedValue(30), 0),
        ])
    }

    @Test func textThatIsNotUTF8() throws {
        try check([
            ("61ff", .invalidUTF8, 0),
            ("62c080", .invalidUTF8, 0),
            ("63eda080", .invalidUTF8, 0),
            ("8264f4908080 00", .invalidUTF8, 1),
        ])
    }

    @Test func mapsOutOfOrder() throws {
        try check([
            ("a202000100", .keysNotSorted, 3),
            ("a201000100", .keysNotSorted, 3),
            // Bytewise order puts -1 (0x20) after every unsigned number.
            ("a220000100", .keysNotSorted, 3),
            ("a2616200616100", .keysNotSorted, 4),
            // A shorter key comes first, whatever its letters.
            ("a262616100616200", .keysNotSorted, 5),
        ])
        #expect(try CBORValue(cbor: hex("a3010020006161f6")).cbor == hex("a3010020006161f6"))
    }

    @Test func depth() throws {
        let limit = CBORValue.maximumDepth
        let deepest = [UInt8](repeating: 0x81, count: limit) + [0x00]
        #expect(try CBORValue(cbor: deepest).cbor == deepest)
        let error = #expect(throws: CBORError.self) { try CBORValue(cbor: [0x81] + deepest) }
        #expect(error == CBORError(.tooDeep(limit: limit), at: limit))
        // Nested tags and maps count like arrays, and a million of them do not exhaust the stack.
        for opening in [[0xc1], [0xa1, 0x00], [0x81]] as [[UInt8]] {
            let bomb = [[UInt8]](repeating: opening, count: 1_000_000).flatMap { $0 }
            let error = #expect(throws: CBORError.self) { try CBORValue(cbor: bomb) }
            #expect(error?.kind == .tooDeep(limit: limit))
        }
    }

    @Test func bytesAfterTheEnd() throws {
        try check([("0000", .trailingBytes(1), 1), ("80f6f6", .trailingBytes(2), 1)])
    }

    @Test func announcedLengthsThatDoNotRemain() throws {
        // Each announces more than any machine has; an allocation from one of them would end the process.
        try check([
            ("5bffffffffffffffff", .tooLarge(limit: .max, found: .max), 0),
            ("7bffffffffffffffff", .tooLarge(limit: .max, found: .max), 0),
            ("5b7fffffffffffffff", .truncated(needed: UInt64(Int64.max)), 0),
            ("7b7fffffffffffffff", .truncated(needed: UInt64(Int64.max)), 0),
            ("5a7fffffff0000", .truncated(needed: 0x7fff_ffff - 2), 0),
            ("9bffffffffffffffff", .tooLarge(limit: .max, found: .max), 0),
            ("9b7fffffffffffffff", .truncated(needed: UInt64(Int64.max)), 0),
            ("bbffffffffffffffff", .tooLarge(limit: .max / 2, found: .max), 0),
            ("bb3fffffffffffffff", .truncated(needed: UInt64(Int64.max / 2)), 0),
            ("9a7fffffff0000", .truncated(needed: 0x7fff_ffff - 2), 0),
            ("ba7fffffff0000", .truncated(needed: 0x7fff_ffff - 2), 0),
        ])
    }

    @Test func schemasRefuseWhatTheyDoNotName() throws {
        func read(_ text: String, _ body: (inout CBORReader) throws(CBORError) -> Void) throws -> CBORError? {
            var reader = CBORReader(try hex(text))
            do throws(CBORError) {
                try body(&reader)
                return nil
            } catch {
                return error
            }
        }
        #expect(
            try read("4401020304") { r throws(CBORError) in _ = try r.byteString(atMost: 3) }
                == CBORError(.tooLarge(limit: 3, found: 4), at: 0))
        #expect(
            try read("0b") { r throws(CBORError) in _ = try r.uint(atMost: 10) }
                == CBORError(.tooLarge(limit: 10, found: 11), at: 0))
        #expect(
            try read("43010203") { r throws(CBORError) in _ = try r.digest() }
                == CBORError(.wrongLength(expected: 32, found: 3), at: 0))
        #expect(
            try read("820102") { r throws(CBORError) in try r.array(count: 3) }
                == CBORError(.wrongLength(expected: 3, found: 2), at: 0))
        #expect(
            try read("01") { r throws(CBORError) in _ = try r.text() }
                == CBORError(.wrongType(expected: "a text string"), at: 0))
        #expect(
            try read("6161") { r throws(CBORError) in try r.text(exactly: "b") }
                == CBORError(.invalidValue("expected \"b\""), at: 0))
        #expect(
            try read("3b8000000000000000") { r throws(CBORError) in _ = try r.int() }
                == CBORError(.tooLarge(limit: .max, found: 1 << 63), at: 0))
    }

    @Test func mapsWithKeysMissingOrUnknown() throws {
        func read(_ text: String) throws -> CBORError? {
            var reader = CBORReader(try hex(text))
            do throws(CBORError) {
                var map = try CBORMapReader(&reader)
                try map.key(1, &reader)
                _ = try reader.uint()
                if try map.optionalKey(2, &reader) { _ = try reader.uint() }
                try map.key(-1, &reader)
                _ = try reader.uint()
                try map.finish(reader)
                return nil
            } catch {
                return error
            }
        }
        #expect(try read("a201002000") == nil)
        #expect(try read("a3010002002000") == nil)
        #expect(try read("a10100")?.kind == .missingKey(-1))
        #expect(try read("a12000")?.kind == .missingKey(1))
        #expect(try read("a3010003002000")?.kind == .unexpectedKey)
        #expect(try read("a3000001002000")?.kind == .unexpectedKey)
        #expect(try read("a3010020002100")?.kind == .unexpectedKey)
        #expect(try read("a3010001002000")?.kind == .keysNotSorted)
        #expect(try read("a320000100")?.kind == .truncated(needed: 2))
    }

    @Test func theWriterGivesTheShortestForm() throws {
        var writer = CBORWriter()
        writer.array(12)
        for value: UInt64 in [0, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296] { writer.uint(value) }
        writer.int(-1)
        writer.int(-257)
        writer.negative(.max)
        let expected = """
            8c 00 17 1818 18ff 190100 19ffff 1a00010000 1affffffff 1b0000000100000000
            20 390100 3bffffffffffffffff
            """
        #expect(try writer.bytes == hex(expected))
    }
}
