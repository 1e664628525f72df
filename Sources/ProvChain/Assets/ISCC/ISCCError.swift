/// Why a text is not an ISCC, or a set of units has no composite, or a Meta-Code no input.
public enum ISCCError: Error, Hashable, Sendable {
    /// The text is not canonical base 32 after an optional `ISCC:`.
    case notBase32
    /// Fewer than the two bytes of the header.
    case truncated(byteCount: Int)
    /// The header's fields name no unit or composite of version 0.
    case unknownHeader(mainType: UInt8, subType: UInt8, version: UInt8, length: UInt8)
    /// The header announces another number of bytes than follow it.
    case wrongBodyLength(expected: Int, actual: Int)
    /// A composite needs a Data-Code and an Instance-Code, and takes each kind of unit once.
    case missingOrRepeatedUnit
    /// A composite takes 64 bits of each unit, a wide one 128 bits; this unit is shorter.
    case unitTooShort(bits: Int)
    /// The Semantic-Code and the Content-Code of a composite are of different media.
    case differentMedia
    /// A wide composite is of a Data-Code and an Instance-Code only.
    case wideWithOtherUnits
    /// Nothing is left of the title once it is normalised; give one with a letter, digit or symbol.
    case emptyTitle
    /// The metadata is longer than the Meta-Code takes; shorten it.
    case metadataTooLong(bytes: Int, limit: Int)
}
