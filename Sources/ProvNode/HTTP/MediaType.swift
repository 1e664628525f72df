import ProvChain

/// The media types that the API speaks, and how a client's headers choose among them (RFC 9110 sections 8.3, 12.5.1).
enum MediaType {
    static let json = "application/json"
    static let cbor = "application/cbor"
    static let cose = "application/cose"
    static let octets = "application/octet-stream"
    static let text = "text/plain; charset=utf-8"
    static let html = "text/html; charset=utf-8"
    static let bundle = "application/vnd.provchain.bundle+cbor"

    /// The type without its parameters, in lower case.
    static func essence(_ header: String) -> String {
        trimmed(header.prefix { $0 != ";" }).lowercased()
    }

    /// True if an `Accept` header names CBOR and does not prefer JSON.
    static func prefersCBOR(_ accept: String) -> Bool {
        var cborWeight = 0
        var jsonWeight = 0
        for range in accept.split(separator: ",") {
            let parts = range.split(separator: ";").map(trimmed)
            let weight = parts.dropFirst().lazy.compactMap(weight).first ?? 1_000
            switch parts.first?.lowercased() {
            case cbor: cborWeight = weight
            case json: jsonWeight = weight
            default: break
            }
        }
        return cborWeight > jsonWeight
    }

    /// A `q=0.123` in thousandths; `nil` for any other parameter.
    private static func weight(_ parameter: String) -> Int? {
        guard parameter.lowercased().hasPrefix("q=") else { return nil }
        let parts = parameter.dropFirst(2).split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int(parts[0]), whole == 0 || whole == 1 else { return 0 }
        guard whole == 0, parts.count == 2 else { return whole * 1_000 }
        return Int((parts[1] + "000").prefix(3)) ?? 0
    }

    private static func trimmed(_ text: Substring) -> String {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...end])
    }
}
