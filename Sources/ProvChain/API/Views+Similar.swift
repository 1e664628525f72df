/// Works that look like something, or whose codes are near: a reason to look, never proof.
public struct SimilarView: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        public var work: String
        public var party: String
        public var version: UInt32
        public var time: UInt64
        public var contested: Bool
        public var title: String?
        /// What was compared: `whole` or `part` of a shape; `meta`, `data` or `instance` of an ISCC.
        public var basis: String
        /// Of prints, 0 to 24,480; of codes, the bits that differ.
        public var distance: Int
        /// `near-certain` or `for-review`.
        public var resemblance: String

        public init(
            work: String, party: String, version: UInt32, time: UInt64, contested: Bool, title: String?, basis: String,
            distance: Int, resemblance: String
        ) {
            self.work = work
            self.party = party
            self.version = version
            self.time = time
            self.contested = contested
            self.title = title
            self.basis = basis
            self.distance = distance
            self.resemblance = resemblance
        }
    }

    /// `rsh96/1` or `iscc`.
    public var algorithm: String
    /// Prints or codes that were compared.
    public var searched: UInt64
    /// False while the node is still reading what was registered before.
    public var complete: Bool
    /// The nearest first; each version of a work once.
    public var similar: [Entry]

    public init(algorithm: String, searched: UInt64, complete: Bool, similar: [Entry]) {
        self.algorithm = algorithm
        self.searched = searched
        self.complete = complete
        self.similar = similar
    }
}
