/// The bounds that are part of the protocol: every node enforces the same ones.
public enum Limits {
    /// Bytes of an encoded statement; an entry bundle's two-byte length bounds it.
    public static let statementBytes = 65_535
    /// Distinctive component hashes that one version may list.
    public static let distinctiveComponents = 512
    /// Evidence entries that one registration may carry.
    public static let evidence = 16
    /// Keys in one party application.
    public static let applicationKeys = 8
    /// Bytes of a party application.
    public static let applicationBytes = 8_192
    /// Bytes of one attachment.
    public static let attachmentBytes = 4 << 20
    /// Attachments submitted beside one statement.
    public static let attachmentsPerStatement = 8
    /// Claimants that a component's record lists by name; further ones are counted.
    public static let listedClaimants = 16
    /// Works whose histories one contested version links to.
    public static let listedContests = 16
    /// Holders of one title.
    public static let titleHolders = 256
    /// A whole title, in basis points.
    public static let wholeTitle: UInt64 = 10_000
    /// Seconds for which an offer of title may stay open: one year.
    public static let offerLifetimeSeconds: UInt64 = 366 * 86_400
    /// Bytes of a media type.
    public static let mediaTypeBytes = 127
    /// Bytes of an SPDX licence expression.
    public static let spdxBytes = 255
    /// Bytes of a member's or a log origin's name.
    public static let nameBytes = 200
    public static let members = 256
    public static let genesisParties = 1_024
    public static let validators = 50
    /// Files of a manifest.
    public static let manifestFiles = 4_096
    /// Leaves of a manifest besides its files.
    public static let manifestLeaves = 65_536
    public static let manifestPathBytes = 1_024
    /// Sizes and times stay below 2^53, so that every JSON reader gets them whole.
    public static let exactInteger: UInt64 = 1 << 53 - 1
}
