/// The outcome of checking a bundle, one line per thing that was checked.
public struct BundleReport: Hashable, Sendable {
    /// What is checked, in order. The names are part of the JSON output.
    public enum Name: String, Sendable, CaseIterable {
        case chain, validators, certificate, header, receipts, inclusion, state, signatures, history
        case manifest, metadata, file, witness
    }

    public struct Check: Hashable, Sendable {
        public let name: Name
        public let ok: Bool
        /// What was found, with its numbers.
        public let detail: Phrase
    }

    public internal(set) var checks: [Check] = []

    /// True if nothing failed. Only then does the bundle prove anything.
    public var verified: Bool { !checks.isEmpty && checks.allSatisfy(\.ok) }

    /// The first check that failed.
    public var failure: Check? { checks.first { !$0.ok } }
}

/// The file at hand, to be compared with the one that was registered.
public struct FileAtHand: Hashable, Sendable {
    public let sha256: Digest
    /// Bytes.
    public let size: UInt64

    public init(sha256: Digest, size: UInt64) {
        self.sha256 = sha256
        self.size = size
    }
}
