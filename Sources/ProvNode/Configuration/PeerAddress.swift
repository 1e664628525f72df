import ProvChain

/// Where another node listens for nodes: a host and a port, written `node.museum.example:8421`,
/// `192.0.2.7:8421` or `[2001:db8::7]:8421`.
///
/// Who answers there is proven by the handshake, so an address that lies costs a connection and nothing more.
struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Without brackets.
    let host: String
    /// 1 to 65535.
    let port: Int

    static let form = Phrase(
        "like node.museum.example:8421 or [2001:db8::7]:8421, with a port from 1 to 65535",
        "形如 node.museum.example:8421 或 [2001:db8::7]:8421 的地址，端口为 1 至 65535")
    /// A name in the DNS has at most 253 characters (RFC 1035).
    static let hostBytes = 253

    /// - Parameter text: nil comes out unless it is host, colon and port.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(digits), (1...65_535).contains(port), let host = Self.host(text[..<colon])
        else { return nil }
        self.host = host
        self.port = port
    }

    private static func host(_ text: Substring) -> String? {
        // An IPv6 address has colons of its own, so it stands in brackets (RFC 3986, section 3.2.2).
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]") && text.utf8.count > 2
        let host = isBracketed ? text.dropFirst().dropLast() : text
        let letters = host.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                !isBracketed || $0 != UInt8(ascii: "_")
            case UInt8(ascii: ":"), UInt8(ascii: "%"): isBracketed
            default: false
            }
        }
        let isComplete = !host.isEmpty && host.utf8.count <= hostBytes && isBracketed == host.contains(":")
        return letters && isComplete ? String(host) : nil
    }

    var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
