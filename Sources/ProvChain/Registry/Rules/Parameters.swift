/// What a chain may set for itself, in its genesis and later by governance.
public struct Parameters: Hashable, Sendable, CBORCodable {
    /// A statement's expiry lies at most this far after the block that applies it.
    public var maximumLifetimeSeconds: UInt64 = 3_600
    public var maximumStatementCost: UInt64 = 10_000
    public var maximumBlockCost: UInt64 = 250_000
    public var maximumBlockBytes: UInt64 = 4 << 20
    public var maximumBlockStatements: UInt64 = 4_096
    /// How far a proposer's clock may run ahead of a voter's.
    public var maximumClockSkewMilliseconds: UInt64 = 5_000
    public var epochLengthMilliseconds: UInt64 = 86_400_000
    /// An idle chain makes an empty block, and so a fresh checkpoint, this often.
    public var idleIntervalMilliseconds: UInt64 = 10_000

    public init() {}

    private static let fields: [any WritableKeyPath<Parameters, UInt64> & Sendable] = [
        \.maximumLifetimeSeconds, \.maximumStatementCost, \.maximumBlockCost, \.maximumBlockBytes,
        \.maximumBlockStatements, \.maximumClockSkewMilliseconds, \.epochLengthMilliseconds,
        \.idleIntervalMilliseconds,
    ]

    /// True if every parameter is 1 to ``Limits/exactInteger``, as it must be to be read back.
    var areInRange: Bool { Self.fields.allSatisfy { (1...Limits.exactInteger).contains(self[keyPath: $0]) } }

    public func encode(to writer: inout CBORWriter) {
        writer.map(Self.fields.count)
        for (index, field) in Self.fields.enumerated() {
            writer.uint(UInt64(index + 1))
            writer.uint(self[keyPath: field])
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        var map = try CBORMapReader(&reader)
        for (index, field) in Self.fields.enumerated() {
            try map.key(Int64(index + 1), &reader)
            self[keyPath: field] = try reader.uint(atMost: Limits.exactInteger)
        }
        try map.finish(reader)
        guard areInRange else {
            throw CBORError(.invalidValue("a parameter must not be zero"), at: start)
        }
    }
}
