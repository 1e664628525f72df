/// Why a file cannot be taken as a 3D asset. Its bytes can still be registered.
public enum AssetError: Error, Hashable, Sendable {
    /// At least one issue that leaves the content undefined or unsafe to decode; warnings may stand beside it.
    case invalid([AssetIssue])
    /// Decoding would produce more bytes than allowed. Raise the budget if the source is trusted.
    case overBudget(needed: Int, remaining: Int, place: String)
}

/// One finding about a file.
public struct AssetIssue: Hashable, Sendable {
    public let code: IssueCode
    /// A JSON pointer (RFC 6901) for glTF, `byte n` inside containers and binary files, `line n` of text files.
    public let pointer: String

    public init(_ code: IssueCode, _ pointer: String) {
        self.code = code
        self.pointer = pointer
    }

    public var severity: IssueSeverity { code.severity }
}

/// How bad an issue is, with the numbers of the Khronos validator's reports.
public enum IssueSeverity: Int, Hashable, Sendable {
    case error = 0
    case warning = 1
    case information = 2
    case hint = 3
}
