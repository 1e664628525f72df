/// How much the shapes of two assets look alike: the wholes, and the parts that come closest.
///
/// This is about shape only. Who made which from which it does not say, and materials, textures and motion are not
/// in it. It is the same in both directions.
public struct PrintComparison: Hashable, Sendable {
    public enum Verdict: String, Hashable, Sendable {
        /// At most ``ShapePrint/nearDistance``.
        case nearCertain = "near-certain"
        /// At most ``ShapePrint/reviewDistance``.
        case forReview = "for-review"
        /// Alike, but what is alike is of few triangles or a primitive: that says nothing.
        case generic
        /// Shapes that do not look alike.
        case none
        /// One of the assets has no print.
        case unknown
    }

    /// Two components, the nearest of all pairs in which at least one is distinctive.
    public struct Parts: Hashable, Sendable {
        public let distance: Int
        public let first: PrintedShape
        public let second: PrintedShape
    }

    /// Between the wholes; `nil` if one has no print.
    public let distance: Int?
    /// `nil` if there is no such pair.
    public let parts: Parts?
    public let verdict: Verdict

    public init(_ first: AssetPrints, _ second: AssetPrints) {
        var isDistinctive = false
        if let a = first.whole, let b = second.whole {
            distance = a.print.distance(to: b.print)
            isDistinctive = a.isDistinctive || b.isDistinctive
        } else {
            distance = nil
        }
        parts = Self.nearest(first.components, second.components)
        var told = parts.map(\.distance)
        if isDistinctive, let distance { told = min(told ?? distance, distance) }
        verdict = Self.verdict(told: told, any: distance, first, second)
    }

    private static func nearest(_ first: [PrintedShape], _ second: [PrintedShape]) -> Parts? {
        var best: Parts?
        for a in first {
            for b in second where a.isDistinctive || b.isDistinctive {
                let distance = a.print.distance(to: b.print)
                if distance < best?.distance ?? Int.max { best = Parts(distance: distance, first: a, second: b) }
            }
        }
        return best
    }

    /// - Parameters:
    ///   - told: the smallest distance that says something.
    ///   - any: the distance of the wholes, whatever they are.
    private static func verdict(
        told: Int?, any: Int?, _ first: AssetPrints, _ second: AssetPrints
    ) -> Verdict {
        if let told {
            switch ShapePrint.Resemblance(distance: told) {
            case .nearCertain: return .nearCertain
            case .forReview: return .forReview
            case .none: break
            }
        }
        guard first.hasPrints, second.hasPrints else { return .unknown }
        if let any, any <= ShapePrint.reviewDistance { return .generic }
        return .none
    }
}

extension AssetPrints {
    /// Whether there is anything to compare.
    public var hasPrints: Bool { whole != nil || !components.isEmpty }

    /// Of something without a shape.
    public static let nothing = AssetPrints(whole: nil, components: [], smallComponents: 0, unprintedComponents: 0)
}
