extension GLTFReader {
    /// The weights of a vertex add up to one, give or take this much for each that is not 0.
    private static let weightTolerance = 2e-7

    /// For each mesh, the number of joints of the smallest skin that a node uses it with.
    func fewestJoints() -> [Int: Int] {
        var fewest: [Int: Int] = [:]
        for node in model.nodes {
            guard let mesh = node.mesh, let skin = node.skin else { continue }
            fewest[mesh] = min(fewest[mesh] ?? Int.max, model.skins[skin].joints.count)
        }
        return fewest
    }

    /// Joints and weights, set by set and vertex by vertex.
    mutating func checkSkinning(
        _ primitive: GLTFModel.Primitive, _ place: String, _ joints: Int?, _ seen: inout Set<[Int]>
    ) throws(AssetError) {
        var sets: [(joints: [Double], weights: [Double])] = []
        var key = [8, joints ?? -1]
        while let joint = primitive.accessor(JSONText(stringLiteral: "JOINTS_\(sets.count)")),
            let weight = primitive.accessor(JSONText(stringLiteral: "WEIGHTS_\(sets.count)")),
            model.accessors[joint].shape == .vec4, model.accessors[weight].shape == .vec4,
            model.accessors[joint].count == model.accessors[weight].count,
            let jointValues = try numbers(joint), let weightValues = try numbers(weight)
        {
            let accessor = model.accessors[weight]
            let whole = accessor.isNormalized ? accessor.component?.normalizer ?? 1 : 1
            key += [joint, weight]
            try budget.pay(weightValues.count, of: MemoryLayout<Double>.size, at: place)
            sets.append((jointValues, weightValues.map { $0 / whole }))
        }
        guard !sets.isEmpty, seen.insert(key).inserted else { return }
        let vertices = sets.map { $0.joints.count / 4 }.min() ?? 0
        var (isOutside, isDouble, isUneven) = (false, false, false)
        for vertex in 0..<vertices {
            var used: Set<Double> = []
            var (sum, count) = (0.0, 0.0)
            for set in sets {
                for at in (4 * vertex)..<(4 * vertex + 4) {
                    if let joints, set.joints[at] >= Double(joints) { isOutside = true }
                    guard set.weights[at] != 0 else { continue }
                    if !used.insert(set.joints[at]).inserted { isDouble = true }
                    sum += set.weights[at]
                    count += 1
                }
            }
            if abs(sum - 1) > Self.weightTolerance * max(1, count) { isUneven = true }
        }
        let at = place + "/attributes"
        if isOutside { issues.add(.accessorJointsIndexOob, at) }
        if isDouble { issues.add(.accessorJointsIndexDuplicate, at) }
        if isUneven { issues.add(.accessorWeightsNonNormalized, at) }
    }
}
