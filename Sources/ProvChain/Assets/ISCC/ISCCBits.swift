/// The first 64 bits of the units of an ISCC that can be compared by distance, for searching.
///
/// Meta-Codes and Data-Codes of similar inputs differ in few bits, those of unrelated ones in about 32. An
/// Instance-Code is equal or says nothing.
public struct ISCCBits: Hashable, Sendable {
    public enum Unit: String, Hashable, Sendable, CaseIterable {
        case meta, data, instance

        /// The greatest distance that counts. Two unrelated codes are within 10 bits once in 100 million pairs.
        public var similarDistance: Int {
            switch self {
            case .meta, .data: 10
            case .instance: 0
            }
        }
    }

    public var meta: UInt64?
    public var data: UInt64?
    public var instance: UInt64?

    public init(meta: UInt64?, data: UInt64?, instance: UInt64?) {
        self.meta = meta
        self.data = data
        self.instance = instance
    }

    /// Units of other kinds, and those of fewer than 64 bits, are passed over.
    public init(_ units: [ISCCUnit]) {
        self.init(meta: nil, data: nil, instance: nil)
        for unit in units where unit.bits >= 64 {
            let bits = unit.body.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            switch unit.kind {
            case .meta: meta = bits
            case .data: data = bits
            case .instance: instance = bits
            case .semantic, .content: break
            }
        }
    }

    /// Reads an ISCC-CODE or a single unit; `nil` for other text, or if nothing in it can be compared.
    public init?(text: String) {
        if let code = try? ISCCCode(text: text) {
            self.init(code.units)
        } else if let unit = try? ISCCUnit(text: text) {
            self.init([unit])
        } else {
            return nil
        }
        guard meta != nil || data != nil || instance != nil else { return nil }
    }

    public subscript(unit: Unit) -> UInt64? {
        switch unit {
        case .meta: meta
        case .data: data
        case .instance: instance
        }
    }

    /// The unit that is nearest within its ``Unit/similarDistance``, and how many bits differ: the instance before
    /// the data before the meta, if they are equally near.
    public func nearest(to other: ISCCBits) -> (unit: Unit, distance: Int)? {
        var best: (unit: Unit, distance: Int)?
        for unit in [Unit.instance, .data, .meta] {
            guard let a = self[unit], let b = other[unit] else { continue }
            let distance = (a ^ b).nonzeroBitCount
            guard distance <= unit.similarDistance, distance < best?.distance ?? .max else { continue }
            best = (unit, distance)
        }
        return best
    }
}
