@testable import ProvChain

/// Two sides with keys of fixed seeds.
enum Handshakes {
    static let chain = SHA256.hash(Array("a chain".utf8))

    static func secret(_ name: String) throws -> IdentitySecret {
        try IdentitySecret(secret: SHA256.hash(Array(name.utf8)).bytes)
    }

    static func side(
        _ role: NoiseHandshake.Role, prologue: [UInt8] = Wire.prologue(chain: chain)
    ) throws -> NoiseHandshake {
        NoiseHandshake(
            role: role, prologue: prologue, identity: try secret("\(role)"),
            ephemeral: try secret("\(role) ephemeral"))
    }

    static func channel(
        _ role: NoiseHandshake.Role, chain: Digest = chain, welcome: [String]? = nil
    ) throws -> SecureChannel {
        let others = welcome ?? [role == .initiator ? "responder" : "initiator"]
        return SecureChannel(
            role: role, chain: chain, identity: try secret("\(role)"), ephemeral: try secret("\(role) ephemeral"),
            welcome: Set(try others.map { try secret($0).publicKey }))
    }

    /// The keys of a connection whose next message in both directions has the number `counter`.
    static func session(_ role: NoiseHandshake.Role, counter: UInt64) throws -> NoiseSession {
        let root = NoiseKey { $0.update(repeating: 7, count: NoiseKey.byteCount) }
        return NoiseSession(
            peer: try secret("peer").publicKey, transcript: .zero, keys: root.derive([]), role: role, counter: counter)
    }
}
