/// A final block as subscribers are told of it.
public struct BlockEventView: Codable, Hashable, Sendable {
    public struct Entry: Codable, Hashable, Sendable {
        public var statement: String
        public var type: String
        public var issuer: String
        /// What the statement is about.
        public var subject: String
        public var leafIndex: UInt64

        public init(statement: String, type: String, issuer: String, subject: String, leafIndex: UInt64) {
            self.statement = statement
            self.type = type
            self.issuer = issuer
            self.subject = subject
            self.leafIndex = leafIndex
        }
    }

    public var height: UInt64
    public var id: String
    /// Block time, milliseconds since 1970.
    public var time: UInt64
    public var statements: [Entry]

    public init(height: UInt64, id: String, time: UInt64, statements: [Entry]) {
        self.height = height
        self.id = id
        self.time = time
        self.statements = statements
    }
}
