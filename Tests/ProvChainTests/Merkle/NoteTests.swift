import ProvChain
import Testing

@Suite struct NoteTests {
    /// The example of golang.org/x/mod/sumdb/note, whose signature verifies.
    private static let peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let text =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    private static let line =
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    private static let note = text + "\n" + line + "\n"

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [
        NoteTests.peter, "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
    ])
    func publishedVerifierKeysCarryTheirID(text: String) throws {
        let key = try VerifierKey(text)
        #expect(key.type == VerifierKey.ed25519)
        #expect(key.publicKey.count == 32)
        #expect(key.description == text)
    }

    @Test func anotherSpellingOfAVerifierKeyIsRefused() {
        let key = Self.peter
        for text in [
            "", "+", "++", "PeterNeumann", "PeterNeumann+c74f20a3", String(key.dropLast()), key + "=",
            "PeterNeuman" + key.dropFirst(12), "PeterNeumann+C74F20A3" + key.dropFirst(21),
            "PeterNeumann+c74f20a4" + key.dropFirst(21), "Peter Neumann" + key.dropFirst(12),
        ] {
            #expect(throws: NoteError.malformedVerifierKey, "\(text)") { _ = try VerifierKey(text) }
        }
    }

    @Test func aPublishedNoteIsReadAndWrittenByteForByte() throws {
        let note = try SignedNote(bytes: Self.bytes(Self.note))
        let key = try VerifierKey(Self.peter)
        #expect(note.text == Self.bytes(Self.text))
        #expect(note.signatures.count == 1)
        #expect(note.signatures[0].name == key.name)
        #expect(note.signatures[0].keyID == 0xc74f_20a3)
        #expect(note.signatures[0].signature.count == 64)
        #expect(note.bytes == Self.bytes(Self.note))
    }

    @Test func unknownKeysArePassedOverAndOneBadLineOfAKnownKeyRefusesTheNote() throws {
        let note = try SignedNote(bytes: Self.bytes(Self.note + "— other AAAAAAE=\n"))
        let key = try VerifierKey(Self.peter)
        let stranger = VerifierKey(name: try KeyName("stranger"), type: 1, publicKey: [1])
        #expect(try note.verified(by: [stranger, key]) { _, _, text in text == note.text } == [key])
        #expect(try note.verified(by: [stranger]) { _, _, _ in false } == [])
        #expect(throws: NoteError.invalidSignature(name: key.name, keyID: key.keyID)) {
            _ = try note.verified(by: [stranger, key]) { _, _, _ in false }
        }
    }

    @Test func malformedNotesAreRefused() {
        let (text, line) = (Self.text, Self.line)
        for (note, error) in [
            ("", NoteError.invalidText),
            (text, .noSignatures),
            (text + "\n", .noSignatures),
            (text + "\n" + line, .invalidText),
            (text + line + "\n", .noSignatures),
            (text + "\n" + line + "\n\n", .noSignatures),
            (text + "\n" + line + "\n" + line + " \n", .malformedSignature(line: 1)),
            (text + "\n" + line.dropFirst() + "\n", .malformedSignature(line: 0)),
            (text + "\n" + "- " + line.dropFirst(2) + "\n", .malformedSignature(line: 0)),
            (text + "\n" + line.dropLast() + "\n", .malformedSignature(line: 0)),
            (text + "\n— PeterNeumann AAAAAA==\n", .malformedSignature(line: 0)),
            (text + "\n— PeterNeumann  AAAAAAE=\n", .malformedSignature(line: 0)),
            (text + "\n— Peter+Neumann AAAAAAE=\n", .malformedSignature(line: 0)),
            (text + "\n— Peter\u{2003}Neumann AAAAAAE=\n", .malformedSignature(line: 0)),
            (text + "\r\n\r\n" + line + "\r\n", .invalidText),
            ("tab\there\n\n" + line + "\n", .invalidText),
        ] {
            #expect(throws: error, "\(note)") { _ = try SignedNote(bytes: Self.bytes(note)) }
        }
        #expect(throws: NoteError.invalidText) { _ = try SignedNote(bytes: [0xff, 0x0a, 0x0a, 0x0a]) }
    }

    @Test func theTextEndsAtTheLastEmptyLine() throws {
        let note = try SignedNote(bytes: Self.bytes("a\n\nb\n\n— x AAAAAAE=\n"))
        #expect(note.text == Self.bytes("a\n\nb\n"))
    }

    @Test func canonicallyEquivalentNamesAreDifferentNames() throws {
        #expect(try KeyName("caf\u{e9}") != KeyName("cafe\u{301}"))
        #expect(throws: NoteError.malformedName) { _ = try KeyName("") }
        #expect(throws: NoteError.malformedName) { _ = try KeyName("a\u{85}b") }
        #expect(throws: NoteError.malformedName) { _ = try KeyName(String(repeating: "a", count: 256)) }
    }

    // MARK: Checkpoints

    /// The example of C2SP tlog-checkpoint, without its extension line.
    private static let checkpoint =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    @Test func theCheckpointOfTheSpecificationIsReadAndWritten() throws {
        let checkpoint = try Checkpoint(text: Self.bytes(Self.checkpoint))
        #expect(checkpoint.origin.description == "example.com/behind-the-sofa")
        #expect(checkpoint.size == 20_852_163)
        #expect(checkpoint.root.hex == "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62")
        #expect(checkpoint.text == Self.bytes(Self.checkpoint))
        let same = Checkpoint(origin: checkpoint.origin, size: checkpoint.size, root: checkpoint.root)
        #expect(same == checkpoint)
        let extended = try Checkpoint(text: Self.bytes(Self.checkpoint + "more\n"))
        #expect(extended.extensionLines == [Self.bytes("more")])
        #expect(extended.text == Self.bytes(Self.checkpoint + "more\n"))
    }

    @Test func otherCheckpointsAreRefused() {
        let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
        for (text, error) in [
            ("", NoteError.invalidText),
            ("a\n1\n\(root)", .invalidText),
            ("\n1\n\(root)\n", .malformedCheckpoint(line: 0)),
            ("a\n", .malformedCheckpoint(line: 1)),
            ("a\n\n\(root)\n", .malformedCheckpoint(line: 1)),
            ("a\n01\n\(root)\n", .malformedCheckpoint(line: 1)),
            ("a\n+1\n\(root)\n", .malformedCheckpoint(line: 1)),
            ("a\n-1\n\(root)\n", .malformedCheckpoint(line: 1)),
            ("a\n1\r\n\(root)\n", .malformedCheckpoint(line: 1)),
            ("a\n9223372036854775808\n\(root)\n", .malformedCheckpoint(line: 1)),
            ("a\n1\n", .malformedCheckpoint(line: 2)),
            ("a\n1\n\(root.dropLast())\n", .malformedCheckpoint(line: 2)),
            ("a\n1\nAAAA\n", .malformedCheckpoint(line: 2)),
            ("a\n1\n\(root)\n\n", .malformedCheckpoint(line: 3)),
        ] {
            #expect(throws: error, "\(text)") { _ = try Checkpoint(text: Self.bytes(text)) }
        }
    }

    @Test func aCosignatureIsOverTheTimeAndTheText() throws {
        let message = Cosignature.message(time: 1_679_315_147, text: Self.bytes(Self.checkpoint))
        #expect(message == Self.bytes("cosignature/v1\ntime 1679315147\n" + Self.checkpoint))
        let cosignature = Cosignature(time: 0x0102, signature: Array(repeating: 9, count: 64))
        #expect(Hex.encode(cosignature.lineBytes.prefix(9)) == "000000000000010209")
        let name = try KeyName("w")
        let line = NoteSignature(name: name, keyID: 0, signature: cosignature.lineBytes)
        #expect(Cosignature(line: line) == cosignature)
        #expect(Cosignature(line: NoteSignature(name: name, keyID: 0, signature: [1])) == nil)
    }

    /// RFC 4648 section 10, and texts that a lenient reader would take.
    @Test func base64IsStrict() {
        for (text, base64) in [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            #expect(Base64.encode(Self.bytes(text)) == base64)
            #expect(Base64.decode(base64) == Self.bytes(text))
        }
        for text in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm_v", "Zm-v", "Zm 9"] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
        let all = (0...255).map { UInt8($0) }
        #expect(Base64.decode(Base64.encode(all)) == all)
    }
}
