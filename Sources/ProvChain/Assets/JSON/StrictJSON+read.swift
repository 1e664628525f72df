extension StrictJSON {
    /// Reads exactly one value that fills `bytes`, white space aside; no byte order mark.
    /// What the tree takes in memory is charged to `budget`.
    public static func read(_ bytes: ArraySlice<UInt8>, budget: inout AssetBudget) throws(StrictJSONError) -> StrictJSON
    {
        var reader = StrictJSONReader(bytes: bytes, budget: budget)
        defer { budget = reader.budget }
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.position == bytes.endIndex else { throw .unexpectedByte(offset: reader.offset) }
        return value
    }
}

/// A recursive descent of bounded depth over the bytes of a JSON text.
private struct StrictJSONReader {
    let bytes: ArraySlice<UInt8>
    var position: Int
    var budget: AssetBudget

    init(bytes: ArraySlice<UInt8>, budget: AssetBudget) {
        self.bytes = bytes
        self.budget = budget
        position = bytes.startIndex
    }

    var offset: Int { position - bytes.startIndex }
    var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
    }

    mutating func charge(_ count: Int) throws(StrictJSONError) {
        let remaining = budget.remaining
        guard budget.take(count) else { throw .overBudget(offset: offset, needed: count, remaining: remaining) }
    }

    mutating func expect(_ byte: UInt8) throws(StrictJSONError) {
        guard let found = next else { throw .unexpectedEnd(offset: offset) }
        guard found == byte else { throw .unexpectedByte(offset: offset) }
        position += 1
    }

    mutating func value(depth: Int) throws(StrictJSONError) -> StrictJSON {
        skipSpace()
        try charge(StrictJSON.valueCost)
        guard let byte = next else { throw .unexpectedEnd(offset: offset) }
        switch byte {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw .unexpectedByte(offset: offset)
        }
    }

    mutating func word(_ text: StaticString, _ value: StrictJSON) throws(StrictJSONError) -> StrictJSON {
        for index in 0..<text.utf8CodeUnitCount { try expect(text.utf8Start[index]) }
        return value
    }

    mutating func array(depth: Int) throws(StrictJSONError) -> StrictJSON {
        guard depth < StrictJSON.maximumDepth else { throw .tooDeep(offset: offset) }
        position += 1
        var elements: [StrictJSON] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpace()
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect(UInt8(ascii: "]"))
        return .array(elements)
    }

    mutating func object(depth: Int) throws(StrictJSONError) -> StrictJSON {
        guard depth < StrictJSON.maximumDepth else { throw .tooDeep(offset: offset) }
        position += 1
        var members: [JSONText: StrictJSON] = [:]
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            let start = offset
            guard next == nil || next == UInt8(ascii: "\"") else { throw .unexpectedByte(offset: offset) }
            try charge(StrictJSON.valueCost)
            let key = try string()
            skipSpace()
            try expect(UInt8(ascii: ":"))
            let member = try value(depth: depth + 1)
            guard members.updateValue(member, forKey: key) == nil else { throw .duplicateKey(offset: start) }
            skipSpace()
            guard next == UInt8(ascii: ",") else { break }
            position += 1
        }
        try expect(UInt8(ascii: "}"))
        return .object(members)
    }

    // MARK: Numbers

    mutating func digits() throws(StrictJSONError) {
        let start = position
        while let byte = next, byte >= 0x30 && byte <= 0x39 { position += 1 }
        guard position > start else { throw .invalidNumber(offset: offset) }
    }

    mutating func number() throws(StrictJSONError) -> StrictJSON {
        let start = position
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") { position += 1 } else { try digits() }
        var isInteger = true
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        guard position - start <= StrictJSON.maximumNumberBytes else { throw .invalidNumber(offset: offset) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        // Minus zero is no integer: its sign would be lost.
        if isInteger, text != "-0", let value = Int64(text) { return .integer(value) }
        guard let value = Double(text) else { throw .invalidNumber(offset: offset) }
        return .double(value)
    }

    // MARK: Strings

    mutating func string() throws(StrictJSONError) -> JSONText {
        try expect(UInt8(ascii: "\""))
        let begin = position
        var text: [UInt8] = []
        while true {
            guard let byte = next else { throw .unexpectedEnd(offset: offset) }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                try charge(position - begin)
                return JSONText(utf8: text)
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw .unexpectedByte(offset: offset)
            case 0..<0x80:
                text.append(byte)
                position += 1
            default: try multibyte(byte, into: &text)
            }
        }
    }

    /// One scalar beyond ASCII: no overlong forms, no surrogates, nothing beyond U+10FFFF (RFC 3629).
    mutating func multibyte(_ first: UInt8, into text: inout [UInt8]) throws(StrictJSONError) {
        let length: Int
        let second: ClosedRange<UInt8>
        switch first {
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xe1...0xec, 0xee...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: throw .invalidUTF8(offset: offset)
        }
        guard bytes.endIndex - position >= length, second.contains(bytes[position + 1]),
            (2..<max(2, length)).allSatisfy({ bytes[position + $0] & 0xc0 == 0x80 })
        else { throw .invalidUTF8(offset: offset) }
        text += bytes[position..<(position + length)]
        position += length
    }

    mutating func escape(into text: inout [UInt8]) throws(StrictJSONError) {
        position += 1
        guard let byte = next else { throw .unexpectedEnd(offset: offset) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try codeUnit()
            if (0xd800..<0xdc00).contains(code) {
                try expect(UInt8(ascii: "\\"))
                try expect(UInt8(ascii: "u"))
                let low = try codeUnit()
                guard (0xdc00..<0xe000).contains(low) else { throw .invalidEscape(offset: offset) }
                code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw .invalidEscape(offset: offset) }
            text += Array(String(Character(scalar)).utf8)
        default: throw .invalidEscape(offset: offset)
        }
    }

    mutating func codeUnit() throws(StrictJSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw .unexpectedEnd(offset: offset) }
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw .invalidEscape(offset: offset)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
