/// What a shape looks like, in 96 bytes: prints of similar shapes are a small distance apart, whatever their
/// position, rotation, size, handedness, triangulation and file format.
///
/// A print is evidence for a person who compares two shapes. It is never an identity, and nothing is refused
/// because of it. Bytes 0 to 31 say how the area is spread over distances from the centre; bytes 32 to 95, eight
/// for each of eight shells, how uneven it is in each shell, by degree. `docs/similarity.md` has the algorithm.
public struct ShapePrint: Hashable, Sendable {
    /// The algorithm, as records on the chain name it.
    public static let version = "rsh96/1"
    public static let byteCount = 96

    /// At or below this distance two shapes are nearly certainly versions of one shape.
    public static let nearDistance = 60
    /// At or below this distance a person should look.
    public static let reviewDistance = 120

    private let low, middle, high: SIMD32<UInt8>

    /// Takes exactly 96 bytes; `nil` for any other length.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var parts = (SIMD32<UInt8>(), SIMD32<UInt8>(), SIMD32<UInt8>())
        for (position, byte) in bytes.enumerated() {
            switch position >> 5 {
            case 0: parts.0[position] = byte
            case 1: parts.1[position - 32] = byte
            default: parts.2[position - 64] = byte
            }
        }
        (low, middle, high) = parts
    }

    /// The 96 bytes.
    public var bytes: [UInt8] { withBytes { Array($0) } }

    /// Lends the 96 bytes without allocating.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        withUnsafeBytes(of: (low, middle, high)) { body(UnsafeRawBufferPointer(rebasing: $0[..<Self.byteCount])) }
    }

    /// The sum of the absolute differences of the bytes: 0 to 24,480.
    public func distance(to other: ShapePrint) -> Int {
        func part(_ a: SIMD32<UInt8>, _ b: SIMD32<UInt8>) -> SIMD32<UInt16> {
            // The larger minus the smaller, without leaving the byte.
            SIMD32<UInt16>(truncatingIfNeeded: pointwiseMax(a, b) &- pointwiseMin(a, b))
        }
        return Int((part(low, other.low) &+ part(middle, other.middle) &+ part(high, other.high)).wrappedSum())
    }

    /// What a distance says to a reviewer.
    public func resemblance(to other: ShapePrint) -> Resemblance { Resemblance(distance: distance(to: other)) }

    public enum Resemblance: String, Hashable, Sendable {
        case nearCertain = "near-certain"
        case forReview = "for-review"
        case none

        public init(distance: Int) {
            self = distance <= nearDistance ? .nearCertain : distance <= reviewDistance ? .forReview : .none
        }
    }
}

extension ShapePrint: CustomStringConvertible {
    /// 192 lower-case hexadecimal digits.
    public var hex: String { Hex.encode(bytes) }

    public var description: String { hex }

    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }
}
