import CSodium

/// Argon2id (RFC 9106), which makes each guess at a passphrase expensive in time and memory.
public struct KeyDerivation: Hashable, Sendable {
    /// What one guess costs.
    public struct Cost: Hashable, Sendable {
        /// Passes over the memory.
        public let operations: UInt64
        public let memoryByteCount: Int

        /// At least 1 pass and 8 KiB, at most ``maximum``.
        public init(operations: UInt64, memoryByteCount: Int) {
            precondition(
                Self.operationsRange.contains(operations) && Self.memoryRange.contains(memoryByteCount),
                "\(operations) passes over \(memoryByteCount) bytes")
            self.operations = operations
            self.memoryByteCount = memoryByteCount
        }

        /// 3 passes over 256 MiB, libsodium's MODERATE: about a second.
        public static let moderate = Cost(operations: 3, memoryByteCount: 256 << 20)
        /// The least that Argon2id takes. It protects nothing: for tests.
        public static let minimum = Cost(operations: 1, memoryByteCount: 8 << 10)
        /// The most that a file may ask for: 1 GiB, and passes for a minute.
        public static let maximum = Cost(operations: 64, memoryByteCount: 1 << 30)

        static let operationsRange: ClosedRange<UInt64> = 1...64
        static let memoryRange = (8 << 10)...(1 << 30)
    }

    public let salt: [UInt8]
    public let cost: Cost

    public static let saltByteCount = 16
    static let algorithm: UInt64 = 2

    /// `salt` is 16 random bytes.
    public init(salt: [UInt8], cost: Cost) {
        precondition(salt.count == Self.saltByteCount, "a salt of \(salt.count) bytes")
        self.salt = salt
        self.cost = cost
    }

    /// 32 bytes, which the caller erases. Takes as long as the cost says, on the calling thread.
    func key(of passphrase: [UInt8]) throws(KeyFileError) -> [UInt8] {
        _ = Sodium.ready
        var key = [UInt8](repeating: 0, count: AEAD.keyByteCount)
        let done = passphrase.withUnsafeBytes { bytes in
            // An empty passphrase has no address; any will do, since no byte of it is read.
            let start = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1)!
            return crypto_pwhash(
                &key, UInt64(key.count), start.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), salt,
                cost.operations, cost.memoryByteCount, Int32(Self.algorithm))
        }
        guard done == 0 else { throw KeyFileError.outOfMemory(needed: cost.memoryByteCount) }
        return key
    }
}

extension KeyDerivation: CBORCodable {
    /// Writes [2, operations, memory, salt].
    public func encode(to writer: inout CBORWriter) {
        writer.array(4)
        writer.uint(Self.algorithm)
        writer.uint(cost.operations)
        writer.uint(UInt64(cost.memoryByteCount))
        writer.byteString(salt)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        try reader.array(count: 4)
        guard try reader.uint() == Self.algorithm else {
            throw CBORError(.invalidValue("expected 2 (Argon2id) to derive the key"), at: start)
        }
        let operations = try reader.uint(atMost: Cost.operationsRange.upperBound)
        let memory = Int(try reader.uint(atMost: UInt64(Cost.memoryRange.upperBound)))
        guard Cost.operationsRange.contains(operations), Cost.memoryRange.contains(memory) else {
            throw CBORError(.invalidValue("\(operations) passes over \(memory) bytes is no cost at all"), at: start)
        }
        salt = try reader.byteString(count: Self.saltByteCount)
        cost = Cost(operations: operations, memoryByteCount: memory)
    }
}
