/// The name of one thing that the registry keeps a record of, and so the key of that record in the state.
///
/// Written as `urn:provchain:<kind>:<64 hex digits>[:<number>]`. One thing has exactly one spelling:
/// lower case, no leading zeros.
public enum URN: Hashable, Sendable {
    case chain(Digest)
    case member(Digest)
    case party(Digest)
    /// A public key, by its COSE Key Thumbprint.
    case key(Digest)
    case work(Digest)
    case version(work: Digest, sequence: UInt32)
    case title(work: Digest, right: Right)
    case offer(Digest)
    /// A component's exact hash, a file's SHA-256 or a manifest's root.
    case component(Digest)
    /// A statement; it has a place in the history but no record of its own.
    case statement(Digest)

    /// The kinds, with the number that stands for each in a state key.
    public enum Kind: UInt64, Sendable, CaseIterable {
        case chain = 1, member, party, key, work, version, title, offer, component, statement

        public var name: String {
            switch self {
            case .chain: "chain"
            case .member: "member"
            case .party: "party"
            case .key: "key"
            case .work: "work"
            case .version: "version"
            case .title: "title"
            case .offer: "offer"
            case .component: "component"
            case .statement: "statement"
            }
        }

        /// Names as bytes, made once: every statement names three things.
        private static let names = allCases.map { (utf8: Array($0.name.utf8), kind: $0) }

        fileprivate init?(utf8 name: UnsafeBufferPointer<UInt8>) {
            for known in Self.names where known.utf8.count == name.count {
                if known.utf8.withUnsafeBufferPointer({ $0.elementsEqual(name) }) {
                    self = known.kind
                    return
                }
            }
            return nil
        }
    }

    public static let prefix = "urn:provchain:"

    /// No URN is longer than this many bytes.
    public static let maximumLength = 128

    public var kind: Kind {
        switch self {
        case .chain: .chain
        case .member: .member
        case .party: .party
        case .key: .key
        case .work: .work
        case .version: .version
        case .title: .title
        case .offer: .offer
        case .component: .component
        case .statement: .statement
        }
    }

    /// The identifier, without the number that a version or a title adds.
    public var identifier: Digest {
        switch self {
        case .chain(let id), .member(let id), .party(let id), .key(let id), .work(let id),
            .offer(let id), .component(let id), .statement(let id):
            id
        case .version(let work, _), .title(let work, _): work
        }
    }

    private var number: UInt64? {
        switch self {
        case .version(_, let sequence): UInt64(sequence)
        case .title(_, let right): right.rawValue
        case .chain, .member, .party, .key, .work, .offer, .component, .statement: nil
        }
    }

    /// The key of the record in the state tree: SHA-256 of CBOR `[tag, kind, id]` or `[tag, kind, id, number]`.
    public var stateKey: Digest {
        let number = number
        return DomainTag.stateKey.hash(as: "provchain/state-key/1", number == nil ? 2 : 3) { item in
            item.uint(kind.rawValue)
            item.digest(identifier)
            if let number { item.uint(number) }
        }
    }

    /// Reads the one canonical spelling; `nil` for any other text.
    public init?(_ text: String) {
        var text = text
        guard let urn = text.withUTF8({ URN(utf8: $0) }) else { return nil }
        self = urn
    }

    /// By position: the identifier has 64 digits, so a colon can stand in two places only.
    init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        let prefix = URN.prefix.utf8.count
        guard text.count <= URN.maximumLength, text.starts(with: URN.prefix.utf8),
            let colon = text[prefix...].firstIndex(of: UInt8(ascii: ":")),
            let kind = Kind(utf8: UnsafeBufferPointer(rebasing: text[prefix..<colon]))
        else { return nil }
        let digits = colon + 1
        let end = digits + 2 * Digest.byteCount
        guard end <= text.count,
            let id = Digest(lowerCaseHex: UnsafeBufferPointer(rebasing: text[digits..<end]))
        else { return nil }
        if end == text.count {
            self.init(kind, id)
            return
        }
        guard text[end] == UInt8(ascii: ":"), let number = Self.number(text[(end + 1)...]) else { return nil }
        self.init(kind, id, number: number)
    }

    /// Decimal, without leading zeros, at most 32 bits.
    private static func number(_ digits: Slice<UnsafeBufferPointer<UInt8>>) -> UInt32? {
        guard let first = digits.first, first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
        var value: UInt32 = 0
        for digit in digits {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = digit else { return nil }
            let (tens, overflows) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflowsToo) = tens.addingReportingOverflow(UInt32(digit - UInt8(ascii: "0")))
            guard !overflows, !overflowsToo else { return nil }
            value = sum
        }
        return value
    }

    private init?(_ kind: Kind, _ id: Digest) {
        switch kind {
        case .chain: self = .chain(id)
        case .member: self = .member(id)
        case .party: self = .party(id)
        case .key: self = .key(id)
        case .work: self = .work(id)
        case .offer: self = .offer(id)
        case .component: self = .component(id)
        case .statement: self = .statement(id)
        case .version, .title: return nil
        }
    }

    private init?(_ kind: Kind, _ id: Digest, number: UInt32) {
        switch kind {
        case .version: self = .version(work: id, sequence: number)
        case .title:
            guard let right = Right(rawValue: UInt64(number)) else { return nil }
            self = .title(work: id, right: right)
        case .chain, .member, .party, .key, .work, .offer, .component, .statement: return nil
        }
    }
}

extension URN: CustomStringConvertible {
    public var description: String {
        let base = URN.prefix + kind.name + ":" + identifier.hex
        return number.map { "\(base):\($0)" } ?? base
    }
}

extension URN: CBORCodable {
    public func encode(to writer: inout CBORWriter) { writer.text(description) }

    public init(from reader: inout CBORReader) throws(CBORError) {
        if let urn = reader.parsed(byUTF8: { URN(utf8: $0) }) {
            self = urn
            return
        }
        // Whatever is wrong with it, the slow way says what.
        let start = reader.offset
        guard let urn = URN(try reader.text(atMost: URN.maximumLength)) else {
            throw CBORError(.invalidValue("not a URN of this registry"), at: start)
        }
        self = urn
    }
}

/// A right in a work that can be held in shares. The numbers are on the chain for good.
public enum Right: UInt64, Sendable, CaseIterable {
    case copyright = 1
}
