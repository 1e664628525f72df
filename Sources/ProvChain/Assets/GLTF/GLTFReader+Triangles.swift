extension GLTFReader {
    /// As many different ones as a report needs.
    static let maximumReasons = 16

    /// The meshes of all primitives that have triangles; the checks have passed.
    mutating func meshes() throws(AssetError) -> [Mesh] {
        var positions: [Int: [Mesh.Position]] = [:]
        var result: [Mesh] = []
        for (number, entry) in model.meshes.enumerated() {
            for (position, primitive) in entry.primitives.enumerated() {
                let place = "/meshes/\(number)/primitives/\(position)"
                if primitive.isCompressed {
                    note(.compressedGeometry("KHR_draco_mesh_compression"))
                    continue
                }
                if !(0...6).contains(primitive.mode), reasons.count < Self.maximumReasons {
                    note(.unknownMode(primitive.mode))
                }
                for number in [primitive.accessor("POSITION"), primitive.indices].compactMap({ $0 }) {
                    if model.accessors[number].view != nil, try numbers(number) == nil { note(.absentBytes) }
                }
                guard (4...6).contains(primitive.mode), let points = primitive.accessor("POSITION"),
                    try numbers(points) != nil
                else { continue }
                if positions[points] == nil { positions[points] = try readPositions(points, place) }
                let triangles = try self.triangles(primitive, count: model.accessors[points].count, place)
                guard !triangles.isEmpty else { continue }
                var mesh = Mesh(
                    positions: positions[points] ?? [], triangles: triangles,
                    material: primitive.material.map(String.init))
                for (name, accessor) in primitive.attributes where name != "POSITION" {
                    let values = try readFloats(accessor, place)
                    guard !values.isEmpty, let width = model.accessors[accessor].shape?.components
                    else { continue }
                    mesh.attributes.append(
                        Mesh.CornerAttribute(name: name.description, width: width, values: values, indices: nil))
                }
                meshNumbers[[number, position]] = result.count
                result.append(mesh)
            }
        }
        return result
    }

    /// The numbers of an accessor as f32, decoded and paid for once; none if it has none in this file.
    mutating func readFloats(_ number: Int, _ place: String) throws(AssetError) -> [Float] {
        if let known = floats[number] { return known }
        guard let values = try numbers(number) else { return [] }
        try budget.pay(values.count, of: MemoryLayout<Float>.size, at: place)
        let accessor = model.accessors[number]
        // In f32, as the standard's formula (section 3.6.2.2) is evaluated by those who draw it.
        let result =
            if accessor.isNormalized, let normalizer = accessor.component?.normalizer {
                values.map { max(Float($0) / Float(normalizer), -1) }
            } else {
                values.map { Float($0) }
            }
        floats[number] = result
        return result
    }

    private mutating func readPositions(_ number: Int, _ place: String) throws(AssetError) -> [Mesh.Position] {
        let values = try readFloats(number, place)
        return stride(from: 0, to: values.count - 2, by: 3).map {
            Mesh.Position(values[$0], values[$0 + 1], values[$0 + 2])
        }
    }

    private mutating func triangles(
        _ primitive: GLTFModel.Primitive, count: Int, _ place: String
    ) throws(AssetError) -> [Mesh.Triangle] {
        var corners: [Double]?
        if let indices = primitive.indices {
            guard let values = try numbers(indices) else { return [] }
            corners = values
        }
        let total = corners?.count ?? count
        let triangleCount = primitive.mode == 4 ? total / 3 : max(0, total - 2)
        try budget.pay(triangleCount, of: MemoryLayout<Mesh.Triangle>.size, at: place)
        func corner(_ position: Int) -> UInt32 {
            let index = corners.map { UInt32($0[position]) } ?? UInt32(position)
            precondition(index < count, "index \(index) of \(count) vertices has been checked")
            return index
        }
        return (0..<triangleCount).map { number in
            switch primitive.mode {
            case 4: Mesh.Triangle(corner(3 * number), corner(3 * number + 1), corner(3 * number + 2))
            case 5:
                // Every second triangle of a strip is turned round, so that all face the same way.
                Mesh.Triangle(
                    corner(number), corner(number + 1 + number % 2), corner(number + 2 - number % 2))
            default: Mesh.Triangle(corner(number + 1), corner(number + 2), corner(0))
            }
        }
    }
}
