import ProvChain

// Reads what people type as the name of something: the full URN, or the 64 digits alone.
extension ProvCLI {
    static func urn(_ text: String) throws(CLIError) -> URN {
        guard let urn = URN(text) else { throw bad(text, "urn:provchain:…") }
        return urn
    }

    static func party(_ text: String) throws(CLIError) -> Digest {
        if case .party(let id)? = URN(text) { return id }
        if let id = Digest(hex: text) { return id }
        throw bad(text, "urn:provchain:party:…")
    }

    static func work(_ text: String) throws(CLIError) -> Digest {
        if case .work(let id)? = URN(text) { return id }
        if let id = Digest(hex: text) { return id }
        throw bad(text, "urn:provchain:work:…")
    }

    static func offer(_ text: String) throws(CLIError) -> Digest {
        if case .offer(let id)? = URN(text) { return id }
        if let id = Digest(hex: text) { return id }
        throw bad(text, "urn:provchain:offer:…")
    }

    static func chain(_ text: String) throws(CLIError) -> Digest {
        if case .chain(let id)? = URN(text) { return id }
        if let id = Digest(hex: text) { return id }
        throw bad(text, "urn:provchain:chain:…")
    }

    static func statement(_ text: String) throws(CLIError) -> Digest {
        if case .statement(let id)? = URN(text) { return id }
        if let id = Digest(hex: text) { return id }
        throw bad(text, "urn:provchain:statement:…")
    }

    /// Basis points: `2500`, or `25%`, `12.5%`, `0.01%`.
    static func share(_ text: String) throws(CLIError) -> UInt64 {
        let expected = "1…10000, 0.01%…100%"
        var points: UInt64?
        if text.hasSuffix("%") {
            let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
            if parts.count <= 2, let whole = parts.first.flatMap({ UInt64($0) }), whole <= 100 {
                let digits = parts.count == 2 ? parts[1] : "0"
                if (1...2).contains(digits.count), let fraction = UInt64(digits) {
                    points = whole * 100 + (digits.count == 1 ? fraction * 10 : fraction)
                }
            }
        } else {
            points = UInt64(text)
        }
        guard let points, (1...Limits.wholeTitle).contains(points) else { throw bad(text, expected) }
        return points
    }

    /// One of the words of a vocabulary.
    static func word<V: Vocabulary>(_ text: String, of type: V.Type) throws(CLIError) -> V {
        guard let value = V.allCases.first(where: { $0.name == text }) else {
            throw bad(text, V.allCases.map(\.name).joined(separator: ", "))
        }
        return value
    }

    static func bad(_ value: String, _ expected: String) -> CLIError {
        .failed(.badArgument, ["value": value, "expected": expected])
    }
}

/// Values that have a word on the command line.
protocol Vocabulary: CaseIterable {
    var name: String { get }
}

extension WorkCategory: Vocabulary {}
extension ClaimBasis: Vocabulary {}
extension EvidenceKind: Vocabulary {}
extension PartyKind: Vocabulary {}
extension SignatureAlgorithm: Vocabulary {}
