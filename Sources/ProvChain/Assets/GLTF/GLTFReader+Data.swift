extension GLTFReader {
    /// Reads the numbers of every accessor once: finite, inside their bounds, and fit for their use.
    mutating func checkData() throws(AssetError) {
        for number in model.accessors.indices { try checkNumbers(number) }
        guard !issues.isBlocked else { return }
        var seen: Set<[Int]> = []
        let joints = fewestJoints()
        for (number, mesh) in model.meshes.enumerated() {
            for (position, primitive) in mesh.primitives.enumerated() {
                let place = "/meshes/\(number)/primitives/\(position)"
                try checkPrimitiveData(primitive, place, joints: joints[number], &seen)
            }
        }
        for (number, skin) in model.skins.enumerated() {
            guard let matrices = skin.inverseBindMatrices, seen.insert([3, matrices]).inserted,
                let values = try numbers(matrices)
            else { continue }
            for start in stride(from: 0, to: values.count - 15, by: 16) {
                let last = [values[start + 3], values[start + 7], values[start + 11], values[start + 15]]
                if last != [0, 0, 0, 1] { issues.add(.accessorInvalidIbm, "/skins/\(number)/inverseBindMatrices") }
            }
        }
        try checkAnimationData(&seen)
    }

    private mutating func checkNumbers(_ number: Int) throws(AssetError) {
        guard let values = try numbers(number), let shape = model.accessors[number].shape else { return }
        let accessor = model.accessors[number]
        let place = "/accessors/\(number)"
        let width = shape.components
        var low = Array(repeating: Double.infinity, count: width)
        var high = Array(repeating: -Double.infinity, count: width)
        for (position, value) in values.enumerated() {
            guard value.isFinite else {
                issues.add(.accessorInvalidFloat, place)
                continue
            }
            let component = position % width
            if value < low[component] { low[component] = value }
            if value > high[component] { high[component] = value }
        }
        for component in 0..<width {
            if let bound = bound(accessor.minimum, component, accessor), low[component] != bound {
                issues.add(.accessorMinMismatch, "\(place)/min/\(component)")
                if low[component] < bound { issues.add(.accessorElementOutOfMinBound, "\(place)/min/\(component)") }
            }
            if let bound = bound(accessor.maximum, component, accessor), high[component] != bound {
                issues.add(.accessorMaxMismatch, "\(place)/max/\(component)")
                if high[component] > bound { issues.add(.accessorElementOutOfMaxBound, "\(place)/max/\(component)") }
            }
        }
    }

    /// A declared bound, rounded to what the component can hold.
    private func bound(_ list: [Double]?, _ component: Int, _ accessor: GLTFModel.Accessor) -> Double? {
        guard let list, component < list.count else { return nil }
        return accessor.component == .float ? Double(Float(list[component])) : list[component]
    }

    private mutating func checkPrimitiveData(
        _ primitive: GLTFModel.Primitive, _ place: String, joints: Int?, _ seen: inout Set<[Int]>
    ) throws(AssetError) {
        if let indices = primitive.indices, let component = model.accessors[indices].component,
            let vertices = primitive.attributes.first.map({ model.accessors[$0.accessor].count }),
            seen.insert([0, indices, vertices]).inserted, let values = try numbers(indices)
        {
            try budget.pay(values.count, at: place)
            var (outside, restarts) = (false, false)
            for value in values {
                if value == component.restart { restarts = true } else if value >= Double(vertices) { outside = true }
            }
            if restarts { issues.add(.accessorIndexPrimitiveRestart, place + "/indices") }
            if outside { issues.add(.accessorIndexOob, place + "/indices") }
        }
        try checkSkinning(primitive, place, joints, &seen)
        for (name, number) in primitive.attributes {
            guard let attribute = GLTFAttribute(name), model.accessors[number].component == .float,
                let values = try numbers(number)
            else { continue }
            let at = "\(place)/attributes/\(name.pointerToken)"
            switch attribute {
            case .normal: if seen.insert([1, number]).inserted { checkUnit(values, 3, at) }
            case .tangent: if seen.insert([2, number]).inserted { checkUnit(values, 4, at) }
            case .color:
                if seen.insert([4, number]).inserted, values.contains(where: { $0 < 0 || $0 > 1 }) {
                    issues.add(.accessorNonClamped, at)
                }
            case .weights:
                if seen.insert([5, number]).inserted, values.contains(where: { $0 < 0 }) {
                    issues.add(.accessorWeightsNegative, at)
                }
            case .position, .texcoord, .joints, .application: break
            }
        }
    }

    /// As the Khronos validator allows for vectors of three 8-bit numbers.
    private static let normalTolerance = 0.00674

    private mutating func checkUnit(_ values: [Double], _ width: Int, _ place: String) {
        var (isUnit, hasSign) = (true, true)
        for start in stride(from: 0, to: values.count - width + 1, by: width) {
            let (x, y, z) = (values[start], values[start + 1], values[start + 2])
            if abs((x * x + y * y + z * z).squareRoot() - 1) > Self.normalTolerance { isUnit = false }
            if width == 4, abs(values[start + 3]) != 1 { hasSign = false }
        }
        if !isUnit { issues.add(.accessorVector3NonUnit, place) }
        if !hasSign { issues.add(.accessorInvalidSign, place) }
    }
}
