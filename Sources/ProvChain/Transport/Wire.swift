/// What two nodes must agree on before they talk, and the bounds of what they say.
public enum Wire {
    /// Grows when a message changes. Nodes of two versions do not complete a handshake.
    public static let version: UInt64 = 1

    /// Bytes of a frame at most: a block with its statements, or two attachments.
    public static let frameBytes = 8 << 20
    /// From the connection to the end of the handshake, in milliseconds. Enforced by whoever has a clock.
    public static let handshakeMilliseconds = 5_000

    /// The prologue of the handshake: CBOR `[tag, chain, wire version]`. With another chain or version no
    /// message opens.
    public static func prologue(chain: Digest, version: UInt64 = Wire.version) -> [UInt8] {
        DomainTag.wire.input(2) { writer in
            writer.digest(chain)
            writer.uint(version)
        }
    }
}
