import Testing

@testable import ProvChain

/// One of each, as `Tests/Foreign/wire/make_vectors.py` has them.
enum WireExamples {
    static let one = SHA256.hash(Array("one".utf8))
    static let two = SHA256.hash(Array("two".utf8))

    static let messages: [(name: String, message: WireMessage)] = [
        (
            "hello",
            .hello(
                Hello(software: "provnode 0.2.0", height: 300, tip: one, time: 1_800_000_000_000))
        ),
        ("hello of nobody", .hello(Hello(software: "", height: 0, tip: .zero, time: 0))),
        ("statements", .statements([utf8("first"), utf8("second statement that is longer than 23 bytes")])),
        ("proposal", .proposal(utf8("block"))),
        ("consensus", .consensus(utf8("notarize"))),
        ("attachments", .attachments([one, two])),
        (
            "fetch",
            .fetch(
                FetchRequest(
                    number: 7,
                    items: [
                        .statement(one), .block(two), .attachment(one), .checkpoint(block: two, validator: 24),
                    ]))
        ),
        ("fetched", .fetched(FetchAnswer(number: 7, items: [utf8("statement"), nil, utf8("certificate")]))),
        ("fetched nothing", .fetched(FetchAnswer(number: 8, items: []))),
        ("leaf hashes", .leafHashes(LeafHashes(wantsAnswer: true, hashes: [one, two]))),
        ("no leaf hashes", .leafHashes(LeafHashes(wantsAnswer: false, hashes: []))),
        ("range", .range(RangeRequest(number: 255, part: .certified, from: 65_536, count: 4_096))),
        ("range of statements", .range(RangeRequest(number: 256, part: .statements, from: 0, count: 1))),
        ("ranged", .ranged(RangeAnswer(number: 255, items: [utf8("header and certificate")]))),
        ("ranged nothing", .ranged(RangeAnswer(number: 256, items: []))),
        ("beat", .beat(Beat(height: 300, view: 301, time: 1_800_000_000_000))),
    ]

    private static func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }
}

@Suite struct WireMessageTests {
    private static func bytes(_ write: (inout CBORWriter) -> Void) -> [UInt8] {
        var writer = CBORWriter()
        write(&writer)
        return writer.bytes
    }

    private static func strings(_ kind: UInt64, count: Int, each length: Int) -> [UInt8] {
        bytes { writer in
            writer.array(2)
            writer.uint(kind)
            writer.array(count)
            for _ in 0..<count { writer.byteString([UInt8](repeating: 0, count: length)) }
        }
    }

    @Test func nothingButTheWholeMessageIsRead() throws {
        for (name, message) in WireExamples.messages {
            let whole = message.cbor
            #expect(throws: CBORError.self, "\(name)") { try WireMessage(cbor: whole + [0]) }
            for count in 0..<whole.count {
                #expect(throws: CBORError.self, "\(name) cut to \(count)") {
                    try WireMessage(cbor: Array(whole.prefix(count)))
                }
            }
            // One field more, and one field less.
            for change in [1, -1] {
                var changed = whole
                changed[0] = UInt8(Int(changed[0]) + change)
                if change == 1 { changed.append(0) }
                #expect(throws: CBORError.self, "\(name) \(change)") { try WireMessage(cbor: changed) }
            }
        }
    }

    @Test func unknownKindsAreRefused() {
        for bytes: [UInt8] in [[0x82, 0, 0x41, 0], [0x82, 12, 0x41, 0], [0x81, 0x18, 0xff], [0x80], [0xa0], [0]] {
            #expect(throws: CBORError.self) { try WireMessage(cbor: bytes) }
        }
        for item in ["81 00", "82 05 5820" + String(repeating: "00", count: 32), "80", "83 03 00 00"] {
            #expect(throws: CBORError.self) { try FetchItem(cbor: hex(item)) }
        }
    }

    @Test func whatIsNotCanonicalIsRefused() throws {
        #expect(try WireMessage(cbor: hex("84 0b 00 00 00")) == .beat(Beat(height: 0, view: 0, time: 0)))
        for text in ["84 0b 1800 00 00", "84 180b 00 00 00", "9f 0b 00 00 00 ff", "84 0b 00 00 f9 0000"] {
            #expect(throws: CBORError.self, "\(text)") { try WireMessage(cbor: hex(text)) }
        }
    }

    @Test func timesAreBelowTwoToThe53() throws {
        #expect(try WireMessage(cbor: hex("84 0b 00 00 1b 001fffffffffffff")).kind == .beat)
        #expect(throws: CBORError.self) { try WireMessage(cbor: hex("84 0b 00 00 1b 0020000000000000")) }
    }

    @Test(arguments: [
        (2 as UInt64, WireMessage.Bounds.statements, 65_535)
    ])
    func listsHaveBounds(kind: UInt64, count: Int, length: Int) throws {
        #expect(try WireMessage(cbor: Self.strings(kind, count: count, each: 1)).kind.rawValue == kind)
        #expect(throws: CBORError.self) { try WireMessage(cbor: Self.strings(kind, count: count + 1, each: 1)) }
        #expect(throws: CBORError.self, "nothing is no message") {
            try WireMessage(cbor: Self.strings(kind, count: 0, each: 1))
        }
        #expect(try WireMessage(cbor: Self.strings(kind, count: 2, each: length)).kind.rawValue == kind)
        #expect(throws: CBORError.self) { try WireMessage(cbor: Self.strings(kind, count: 1, each: length + 1)) }
        #expect(throws: CBORError.self) { try WireMessage(cbor: Self.strings(kind, count: 1, each: 0)) }
    }

    @Test func requestsHaveBounds() throws {
        let limit = WireMessage.Bounds.fetchItems
        let item = FetchItem.statement(.zero)
        func fetch(_ count: Int) -> [UInt8] {
            WireMessage.fetch(FetchRequest(number: 0, items: [FetchItem](repeating: item, count: count))).cbor
        }
        func hashes(_ count: Int) -> [UInt8] {
            WireMessage.leafHashes(LeafHashes(wantsAnswer: true, hashes: [Digest](repeating: .zero, count: count))).cbor
        }
        func fetched(_ count: Int) -> [UInt8] {
            WireMessage.fetched(FetchAnswer(number: 0, items: [[UInt8]?](repeating: nil, count: count))).cbor
        }
        func range(_ count: UInt64) -> [UInt8] {
            WireMessage.range(RangeRequest(number: 0, part: .certified, from: 0, count: count)).cbor
        }
        for encode in [fetch, hashes, fetched] {
            #expect(throws: Never.self) { try WireMessage(cbor: encode(limit)) }
            #expect(throws: CBORError.self) { try WireMessage(cbor: encode(limit + 1)) }
        }
        #expect(throws: CBORError.self) { try WireMessage(cbor: fetch(0)) }
        #expect(throws: Never.self) { try WireMessage(cbor: range(4_096)) }
        #expect(throws: CBORError.self) { try WireMessage(cbor: range(4_097)) }
        #expect(throws: CBORError.self) { try WireMessage(cbor: range(0)) }
    }

    @Test func aHelloAndAMessageOfConsensusHaveBounds() throws {
        func hello(_ software: Int) -> [UInt8] {
            WireMessage.hello(
                Hello(software: String(repeating: "x", count: software), height: 0, tip: .zero, time: 0)
            ).cbor
        }
        #expect(throws: Never.self) { try WireMessage(cbor: hello(64)) }
        #expect(throws: CBORError.self) { try WireMessage(cbor: hello(65)) }
        func consensus(_ count: Int) -> [UInt8] {
            WireMessage.consensus([UInt8](repeating: 0, count: count)).cbor
        }
        #expect(throws: Never.self) { try WireMessage(cbor: consensus(128 << 10)) }
        #expect(throws: CBORError.self) { try WireMessage(cbor: consensus((128 << 10) + 1)) }
        #expect(throws: CBORError.self) { try WireMessage(cbor: consensus(0)) }
    }

    /// The largest proposal is one frame.
    @Test func theLargestProposalFitsAFrame() throws {
        let largest = WireMessage.proposal([UInt8](repeating: 0, count: WireMessage.Bounds.proposalBytes))
        #expect(largest.cbor.count <= Wire.frameBytes)
    }

    /// Random bytes are refused or are the one encoding of what they say.
    @Test func whatIsReadIsWrittenTheSame() throws {
        var generator = SplitMix(state: 1)
        for (name, message) in WireExamples.messages {
            let whole = message.cbor
            for _ in 0..<400 {
                var changed = whole
                for _ in 0...Int(generator.next() % 3) {
                    changed[Int(generator.next() % UInt64(changed.count))] = UInt8(truncatingIfNeeded: generator.next())
                }
                if let read = try? WireMessage(cbor: changed) { #expect(read.cbor == changed, "\(name)") }
            }
        }
    }
}

/// SplitMix64: the same numbers on every run.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
