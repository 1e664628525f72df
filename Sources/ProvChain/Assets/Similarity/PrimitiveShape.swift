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

    /// The listed prints in the order of the shapes, and whose each row is. A node asks for every print that anybody
    /// registers, so they are searched as prints are.
    private static let listed: (prints: PrintMatrix, shapes: [PrimitiveShape]) = {
        var prints = PrintMatrix()
        var shapes: [PrimitiveShape] = []
        for shape in allCases {
            for print in PrimitivePrints.all[shape] ?? [] {
                prints.append(print)
                shapes.append(shape)
            }
        }
        return (prints, shapes)
    }()

    /// The nearest listed primitive within `gateDistance`, the first of several.
    public static func nearest(to print: ShapePrint) -> (shape: PrimitiveShape, distance: Int)? {
        listed.prints.nearest(to: print, within: gateDistance, limit: 1).first.map {
            (listed.shapes[$0.index], $0.distance)
        }
    }
}
