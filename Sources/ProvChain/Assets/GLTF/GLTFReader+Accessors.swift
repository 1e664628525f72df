extension GLTFReader {
    /// Whether `count` elements of `last` bytes, `stride` apart, lie inside `length` bytes from `offset`; every
    /// step is checked, so that no product wraps around.
    static func fits(offset: Int, count: Int, stride: Int, last: Int, length: Int) -> Bool {
        guard offset >= 0, count > 0, offset <= length, last <= length - offset else { return count == 0 }
        let (span, overflow) = stride.multipliedReportingOverflow(by: count - 1)
        return !overflow && span <= length - offset - last
    }

    /// Layout only; the numbers are read by `checkData`.
    mutating func checkAccessors() {
        for (number, entry) in list(.accessors).enumerated() {
            let accessor = model.accessors[number]
            let place = "/accessors/\(number)"
            if entry["byteOffset"] != nil, entry["bufferView"] == nil {
                issues.add(.unsatisfiedDependency, place + "/byteOffset")
            }
            guard let component = accessor.component, let shape = accessor.shape else { continue }
            if accessor.isNormalized, component == .float || component == .uint32 {
                issues.add(.accessorNormalizedInvalid, place + "/normalized")
            }
            for (name, bound) in [("min", accessor.minimum), ("max", accessor.maximum)] {
                if let bound, bound.count != shape.components {
                    issues.add(.arrayLengthNotInList, "\(place)/\(name)")
                }
            }
            if let view = accessor.view { checkLayout(accessor, component, shape, model.views[view], place) }
            if let sparse = accessor.sparse { checkSparse(sparse, accessor, component, shape, place + "/sparse") }
        }
    }

    private mutating func checkLayout(
        _ accessor: GLTFModel.Accessor, _ component: GLTFComponentType, _ shape: GLTFShape,
        _ view: GLTFModel.BufferView, _ place: String
    ) {
        let size = shape.size(component)
        if let stride = view.stride, stride < size { issues.add(.accessorSmallBytestride, place) }
        if !accessor.offset.isMultiple(of: component.size) {
            issues.add(.accessorOffsetAlignment, place + "/byteOffset")
        }
        if shape.isMatrix, !accessor.offset.isMultiple(of: 4) {
            issues.add(.accessorMatrixAlignment, place + "/byteOffset")
        }
        if !(view.offset % component.size + accessor.offset % component.size).isMultiple(of: component.size) {
            issues.add(.accessorTotalOffsetAlignment, place)
        }
        if accessor.offset > 0, accessor.offset >= view.length {
            issues.add(.accessorTooLong, place + "/byteOffset")
        } else if !Self.fits(
            offset: accessor.offset, count: accessor.count, stride: view.stride ?? size,
            last: shape.lastSize(component), length: view.length)
        {
            issues.add(.accessorTooLong, place)
        }
    }

    private mutating func checkSparse(
        _ sparse: GLTFModel.Sparse, _ accessor: GLTFModel.Accessor, _ component: GLTFComponentType,
        _ shape: GLTFShape, _ place: String
    ) {
        if sparse.count > accessor.count { issues.add(.accessorSparseCountOutOfRange, place + "/count") }
        let parts: [(name: String, view: Int?, offset: Int, size: Int, last: Int)] = [
            ("indices", sparse.indexView, sparse.indexOffset, sparse.indexType?.size ?? 1, sparse.indexType?.size ?? 1),
            ("values", sparse.valueView, sparse.valueOffset, shape.size(component), shape.lastSize(component)),
        ]
        for (name, number, offset, size, last) in parts {
            guard let number else { continue }
            let view = model.views[number]
            if view.stride != nil { issues.add(.bufferViewInvalidByteStride, "\(place)/\(name)/bufferView") }
            let unit = name == "indices" ? size : component.size
            if !(view.offset % unit + offset % unit).isMultiple(of: unit) {
                issues.add(.accessorTotalOffsetAlignment, "\(place)/\(name)")
            }
            if !Self.fits(offset: offset, count: sparse.count, stride: size, last: last, length: view.length) {
                issues.add(.accessorTooLong, "\(place)/\(name)/byteOffset")
            }
        }
    }

    /// The numbers of an accessor, element by element and column by column, not yet normalised; decoded and paid
    /// for once. `nil` if it has none in this file (no view and not sparse, or a buffer that is not there).
    mutating func numbers(_ number: Int) throws(AssetError) -> [Double]? {
        if let known = decoded[number] { return known }
        let accessor = model.accessors[number]
        guard let component = accessor.component, let shape = accessor.shape else { return nil }
        guard accessor.view != nil || accessor.sparse != nil else { return nil }
        let place = "/accessors/\(number)"
        let bytes = accessor.view.flatMap { self.bytes(ofView: $0) }
        if accessor.view != nil, bytes == nil { return nil }
        try budget.pay(accessor.count, of: shape.components * MemoryLayout<Double>.size, at: place)
        var values: [Double] = []
        if let bytes, let view = accessor.view {
            let stride = model.views[view].stride ?? shape.size(component)
            values.reserveCapacity(accessor.count * shape.components)
            for element in 0..<accessor.count {
                append(element: accessor.offset + element * stride, of: bytes, component, shape, to: &values)
            }
        } else {
            values = Array(repeating: 0, count: accessor.count * shape.components)
        }
        if let sparse = accessor.sparse { overlay(sparse, accessor, component, shape, place, on: &values) }
        decoded[number] = values
        return values
    }

    private func append(
        element offset: Int, of bytes: GLTFBytes, _ component: GLTFComponentType, _ shape: GLTFShape,
        to values: inout [Double]
    ) {
        for column in 0..<shape.columns {
            for row in 0..<shape.rows {
                let at = offset + column * shape.columnStride(component) + row * component.size
                values.append(bytes.number(at, component))
            }
        }
    }

    private mutating func overlay(
        _ sparse: GLTFModel.Sparse, _ accessor: GLTFModel.Accessor, _ component: GLTFComponentType,
        _ shape: GLTFShape, _ place: String, on values: inout [Double]
    ) {
        guard let indexType = sparse.indexType, let indices = sparse.indexView.flatMap({ bytes(ofView: $0) }),
            let replacements = sparse.valueView.flatMap({ bytes(ofView: $0) })
        else { return }
        var previous = -1.0
        for position in 0..<sparse.count {
            let index = indices.number(sparse.indexOffset + position * indexType.size, indexType)
            if index <= previous {
                return issues.add(.accessorSparseIndicesNonIncreasing, place + "/sparse/indices")
            }
            guard index < Double(accessor.count) else {
                return issues.add(.accessorSparseIndexOob, place + "/sparse/indices")
            }
            previous = index
            var element: [Double] = []
            append(
                element: sparse.valueOffset + position * shape.size(component), of: replacements, component, shape,
                to: &element)
            values.replaceSubrange(Int(index) * shape.components..<(Int(index) + 1) * shape.components, with: element)
        }
    }
}
