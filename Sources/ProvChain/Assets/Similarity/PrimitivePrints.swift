/// Prints of primitives in many proportions.
enum PrimitivePrints {
    static let all: [PrimitiveShape: [ShapePrint]] = [:]
}
