/// What both sides of a handshake have hashed and derived so far: every message is bound to all before it.
///
/// The SymmetricState of the Noise specification (section 5.2).
struct NoiseSymmetric: ~Copyable, Sendable {
    private(set) var hash: Digest
    private var chainingKey: NoiseKey
    /// Absent before the first shared secret: until then messages are in the clear.
    private var cipher: NoiseCipher?

    /// A name of 32 bytes is its own hash.
    init(protocolName: String) {
        guard let name = Digest(Array(protocolName.utf8)) else {
            preconditionFailure("\(protocolName) has other than 32 bytes")
        }
        hash = name
        let bytes = name.bytes
        chainingKey = NoiseKey { $0.update(from: bytes, count: bytes.count) }
    }

    mutating func mix(hash data: [UInt8]) {
        var sha = SHA256()
        hash.withBytes { sha.update($0) }
        sha.update(data)
        hash = sha.finalize()
    }

    mutating func mix(key material: [UInt8]) {
        let derived = chainingKey.derive(material)
        chainingKey = derived.first
        cipher = NoiseCipher(key: derived.second)
    }

    mutating func seal(_ plain: [UInt8]) throws(NoiseError) -> [UInt8] {
        let sealed = try plain.span.bytes.withUnsafeBytes { bytes throws(NoiseError) in
            try cipher?.seal(bytes, associated: hash.bytes)
        }
        mix(hash: sealed ?? plain)
        return sealed ?? plain
    }

    mutating func open(_ sealed: [UInt8]) throws(NoiseError) -> [UInt8] {
        let plain = try sealed.span.bytes.withUnsafeBytes { bytes throws(NoiseError) in
            try cipher?.open(bytes, associated: hash.bytes)
        }
        mix(hash: sealed)
        return plain ?? sealed
    }

    /// The keys of the connection: the first is the initiator's to send with.
    consuming func split() -> NoiseKeyPair { chainingKey.derive([]) }
}
