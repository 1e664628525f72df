extension WireMessage: CBORCodable {
    /// Writes `[kind, fields…]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(1 + fieldCount)
        writer.uint(kind.rawValue)
        switch self {
        case .hello(let hello): hello.encodeFields(to: &writer)
        case .statements(let items): writer.byteStrings(items)
        case .proposal(let bytes), .consensus(let bytes): writer.byteString(bytes)
        case .attachments(let hashes): writer.digests(hashes)
        case .fetch(let request): request.encodeFields(to: &writer)
        case .fetched(let answer): answer.encodeFields(to: &writer)
        case .leafHashes(let message):
            writer.bool(message.wantsAnswer)
            writer.digests(message.hashes)
        case .range(let request):
            writer.uint(request.number)
            writer.uint(request.part.rawValue)
            writer.uint(request.from)
            writer.uint(request.count)
        case .ranged(let answer):
            writer.uint(answer.number)
            writer.byteStrings(answer.items)
        case .beat(let beat):
            writer.uint(beat.height)
            writer.uint(beat.view)
            writer.uint(beat.time)
        }
    }

    private var fieldCount: Int {
        switch kind {
        case .hello: 4
        case .statements, .proposal, .consensus, .attachments: 1
        case .fetch, .fetched, .leafHashes, .ranged: 2
        case .range: 4
        case .beat: 3
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        let count = try reader.array()
        let number = try reader.uint()
        guard let kind = Kind(rawValue: number) else {
            throw CBORError(.invalidValue("a message of unknown kind \(number)"), at: start)
        }
        switch kind {
        case .hello: self = .hello(try Hello(fieldsFrom: &reader))
        case .statements:
            self = .statements(
                try reader.byteStrings(1...Bounds.statements, each: 1...Limits.statementBytes))
        case .proposal: self = .proposal(try reader.byteString(1...Bounds.proposalBytes))
        case .consensus: self = .consensus(try reader.byteString(1...Bounds.consensusBytes))
        case .attachments: self = .attachments(try reader.digests(atMost: Bounds.attachments))
        case .fetch: self = .fetch(try FetchRequest(fieldsFrom: &reader))
        case .fetched: self = .fetched(try FetchAnswer(fieldsFrom: &reader))
        case .leafHashes:
            self = .leafHashes(
                LeafHashes(wantsAnswer: try reader.bool(), hashes: try reader.digests(atMost: Bounds.leafHashes)))
        case .range: self = .range(try RangeRequest(fieldsFrom: &reader))
        case .ranged:
            self = .ranged(
                RangeAnswer(
                    number: try reader.uint(),
                    items: try reader.byteStrings(0...Int(Bounds.rangeBlocks), each: 1...Wire.frameBytes)))
        case .beat:
            self = .beat(Beat(height: try reader.uint(), view: try reader.uint(), time: try reader.exactInteger()))
        }
        guard count == 1 + fieldCount else {
            throw CBORError(.wrongLength(expected: 1 + fieldCount, found: count), at: start)
        }
    }
}

extension Hello {
    fileprivate func encodeFields(to writer: inout CBORWriter) {
        writer.text(software)
        writer.uint(height)
        writer.digest(tip)
        writer.uint(time)
    }

    fileprivate init(fieldsFrom reader: inout CBORReader) throws(CBORError) {
        software = try reader.text(atMost: WireMessage.Bounds.softwareBytes)
        height = try reader.uint()
        tip = try reader.digest()
        time = try reader.exactInteger()
    }
}

extension FetchItem: CBORCodable {
    /// Writes `[kind, name…]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(kind == .checkpoint ? 3 : 2)
        writer.uint(kind.rawValue)
        switch self {
        case .statement(let digest), .block(let digest), .attachment(let digest): writer.digest(digest)
        case .checkpoint(let block, let validator):
            writer.digest(block)
            writer.uint(validator)
        }
    }

    public var kind: Kind {
        switch self {
        case .statement: .statement
        case .block: .block
        case .attachment: .attachment
        case .checkpoint: .checkpoint
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        let count = try reader.array()
        let number = try reader.uint()
        guard let kind = Kind(rawValue: number) else {
            throw CBORError(.invalidValue("an item of unknown kind \(number)"), at: start)
        }
        switch kind {
        case .statement: self = .statement(try reader.digest())
        case .block: self = .block(try reader.digest())
        case .attachment: self = .attachment(try reader.digest())
        case .checkpoint:
            self = .checkpoint(
                block: try reader.digest(), validator: try reader.uint(atMost: UInt64(Limits.validators - 1)))
        }
        let expected = kind == .checkpoint ? 3 : 2
        guard count == expected else { throw CBORError(.wrongLength(expected: expected, found: count), at: start) }
    }
}

extension FetchRequest {
    fileprivate func encodeFields(to writer: inout CBORWriter) {
        writer.uint(number)
        writer.list(items)
    }

    fileprivate init(fieldsFrom reader: inout CBORReader) throws(CBORError) {
        number = try reader.uint()
        let start = reader.offset
        items = try reader.list(atMost: WireMessage.Bounds.fetchItems)
        guard !items.isEmpty else { throw CBORError(.invalidValue("a request for nothing"), at: start) }
    }
}

extension FetchAnswer {
    fileprivate func encodeFields(to writer: inout CBORWriter) {
        writer.uint(number)
        writer.array(items.count)
        for item in items {
            if let item { writer.byteString(item) } else { writer.null() }
        }
    }

    fileprivate init(fieldsFrom reader: inout CBORReader) throws(CBORError) {
        number = try reader.uint()
        let count = try reader.array(atMost: WireMessage.Bounds.fetchItems)
        var items: [[UInt8]?] = []
        items.reserveCapacity(count)
        for _ in 0..<count {
            if reader.isNull {
                try reader.null()
                items.append(nil)
            } else {
                items.append(try reader.byteString(1...Wire.frameBytes))
            }
        }
        self.items = items
    }
}

extension RangeRequest {
    fileprivate init(fieldsFrom reader: inout CBORReader) throws(CBORError) {
        number = try reader.uint()
        let start = reader.offset
        let partNumber = try reader.uint()
        guard let part = Part(rawValue: partNumber) else {
            throw CBORError(.invalidValue("an unknown part \(partNumber) of blocks"), at: start)
        }
        self.part = part
        from = try reader.uint()
        count = try reader.uint(atMost: WireMessage.Bounds.rangeBlocks)
        guard count > 0 else { throw CBORError(.invalidValue("a range of no blocks"), at: start) }
    }
}

extension CBORWriter {
    mutating func byteStrings(_ items: [[UInt8]]) {
        array(items.count)
        for item in items { byteString(item) }
    }
}

extension CBORReader {
    fileprivate mutating func exactInteger() throws(CBORError) -> UInt64 { try uint(atMost: Limits.exactInteger) }

    fileprivate mutating func byteString(_ lengths: ClosedRange<Int>) throws(CBORError) -> [UInt8] {
        let start = offset
        let bytes = try byteString(atMost: lengths.upperBound)
        guard bytes.count >= lengths.lowerBound else {
            throw CBORError(.wrongLength(expected: lengths.lowerBound, found: bytes.count), at: start)
        }
        return bytes
    }

    mutating func byteStrings(
        _ counts: ClosedRange<Int>, each lengths: ClosedRange<Int>
    ) throws(CBORError) -> [[UInt8]] {
        let start = offset
        let count = try array(atMost: counts.upperBound)
        guard count >= counts.lowerBound else {
            throw CBORError(.wrongLength(expected: counts.lowerBound, found: count), at: start)
        }
        var items: [[UInt8]] = []
        items.reserveCapacity(count)
        for _ in 0..<count { items.append(try byteString(lengths)) }
        return items
    }
}
