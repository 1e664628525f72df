/// Numbers as all component leaves hash them: IEEE 754 binary32 bit patterns, little-endian, −0 taken as +0.
enum CanonicalFloat {
    /// The bit pattern; whoever asks has refused NaN and infinities.
    static func bits(_ value: Float) -> UInt32 { value == 0 ? 0 : value.bitPattern }

    static func append(_ word: UInt32, to bytes: inout [UInt8]) {
        for shift: UInt32 in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }

    /// - Throws: `AssetError.invalid` with `PROV_NOT_FINITE` for NaN and infinities.
    static func bytes(
        _ values: some Collection<Float>, at place: @autoclosure () -> String
    ) throws(AssetError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(4 * values.count)
        for value in values {
            guard value.isFinite else { throw .invalid([AssetIssue(.provNotFinite, place())]) }
            append(bits(value), to: &bytes)
        }
        return bytes
    }
}
