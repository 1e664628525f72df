/// What a statement costs to execute, from its content alone: records read and written, and hashes.
///
/// A block's total is bounded so that no legal block can outlast the timers of the validators.
public enum Cost {
    static let base: UInt64 = 10
    /// A signature inside the payload, such as a proof of possession.
    static let signature: UInt64 = 20
    /// A record read, and perhaps written with its history link and tree path.
    static let record: UInt64 = 4

    public static func of(_ payload: Payload) -> UInt64 {
        switch payload {
        case .openChain: base
        case .enrolParty: base + 3 * signature + 4 * record
        case .rotateKey: base + signature + 4 * record
        case .registerWork(let payload): base + 6 * record + contents(payload.content)
        case .addVersion(let payload): base + 4 * record + contents(payload.content)
        case .offerTitle: base + 6 * record
        case .acceptTitle: base + 5 * record
        case .declineTitle, .cancelTitle: base + 4 * record
        }
    }

    /// Each hash has a record; each may contest another's work, up to the bound on links.
    private static func contents(_ content: VersionContent) -> UInt64 {
        UInt64(content.distinctive.count + 1 + Limits.listedContests) * record
    }
}
