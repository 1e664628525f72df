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

        public var name: String { "\(self)" }
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
        DomainTag.stateKey.hash(number == nil ? 2 : 3) { writer in
            writer.uint(kind.rawValue)
            writer.digest(identifier)
            if let number { writer.uint(number) }
        }
    }

    /// Reads the one canonical spelling; `nil` for any other text.
    public init?(_ text: String) {
        guard text.utf8.count <= URN.maximumLength, text.hasPrefix(URN.prefix) else { return nil }
        let parts = text.dropFirst(URN.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.count == 3,
            let kind = Kind.allCases.first(where: { $0.name == parts[0] }),
            let id = Digest(hex: String(parts[1])), id.hex == parts[1]
        else { return nil }
        let number = parts.count == 3 ? UInt32(parts[2]) : nil
        if parts.count == 3 { guard let number, String(number) == parts[2] else { return nil } }
        switch (kind, number) {
        case (.chain, nil): self = .chain(id)
        case (.member, nil): self = .member(id)
        case (.party, nil): self = .party(id)
        case (.key, nil): self = .key(id)
        case (.work, nil): self = .work(id)
        case (.offer, nil): self = .offer(id)
        case (.component, nil): self = .component(id)
        case (.statement, nil): self = .statement(id)
        case (.version, .some(let sequence)): self = .version(work: id, sequence: sequence)
        case (.title, .some(let number)):
            guard let right = Right(rawValue: UInt64(number)) else { return nil }
            self = .title(work: id, right: right)
        default: return nil
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
