/// Shapes that everybody makes: their resemblance says nothing about who copied whom.
public enum PrimitiveShape: String, CaseIterable, Hashable, Sendable {
    case box
    case plane
    case disc
    case sphere
    case cylinder
    case tube
    case cone
    case capsule
    case torus

    /// At or below this distance from a listed print a shape counts as that primitive.
    public static let gateDistance = ShapePrint.nearDistance

    /// The nearest listed primitive within `gateDistance`, the first of several.
    public static func nearest(to print: ShapePrint) -> (shape: PrimitiveShape, distance: Int)? {
        var nearest: (shape: PrimitiveShape, distance: Int)?
        for shape in allCases {
            for listed in PrimitivePrints.all[shape] ?? [] {
                let distance = print.distance(to: listed)
                if distance <= nearest.map({ $0.distance - 1 }) ?? gateDistance { nearest = (shape, distance) }
            }
        }
        return nearest
    }
}
