extension GLTFReader {
    mutating func checkNodes() {
        let forest = GLTFForest(model.nodes)
        for override in forest.overrides {
            issues.add(.nodeParentOverride, "/nodes/\(override.parent)/children/\(override.position)")
        }
        for node in model.nodes.indices where forest.isOnCycle[node] { issues.add(.nodeLoop, "/nodes/\(node)") }
        for (scene, roots) in model.scenes.enumerated() {
            for (position, node) in roots.enumerated() where forest.parents[node] != nil {
                issues.add(.sceneNonRootNode, "/scenes/\(scene)/nodes/\(position)")
            }
        }
        for (number, entry) in list(.nodes).enumerated() { checkNode(entry, number) }
    }

    private mutating func checkNode(_ entry: StrictJSON, _ number: Int) {
        let place = "/nodes/\(number)"
        let node = model.nodes[number]
        for name: JSONText in ["skin", "weights"] where entry[name] != nil && entry["mesh"] == nil {
            issues.add(.unsatisfiedDependency, "\(place)/\(name)")
        }
        if let matrix = entry["matrix"]?.array?.compactMap(\.number), matrix.count == 16 {
            if entry["translation"] != nil || entry["rotation"] != nil || entry["scale"] != nil {
                issues.add(.nodeMatrixTrs, place + "/matrix")
            }
            if !Self.decomposes(matrix) { issues.add(.nodeMatrixNonTrs, place + "/matrix") }
        }
        if let rotation = entry["rotation"]?.array?.compactMap(\.number), rotation.count == 4 {
            let length = rotation.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if abs(length - 1) > Self.unitTolerance { issues.add(.rotationNonUnit, place + "/rotation") }
        }
        guard let mesh = node.mesh else { return }
        let primitives = model.meshes[mesh].primitives
        if node.skin != nil, !model.meshes[mesh].isSkinned, !primitives.isEmpty {
            issues.add(.nodeSkinWithNonSkinnedMesh, place)
        }
        if let weights = entry["weights"]?.array, let primitive = primitives.first,
            weights.count != primitive.targets.count
        {
            issues.add(.nodeWeightsInvalid, place + "/weights")
        }
    }

    /// As the Khronos validator allows for vectors of four 8-bit numbers.
    static let unitTolerance = 0.00769
    private static let orthogonalTolerance = 0.00005

    /// Whether a column-major matrix is translation · rotation · scale: affine, with orthogonal columns.
    static func decomposes(_ m: [Double]) -> Bool {
        guard m[3] == 0, m[7] == 0, m[11] == 0, m[15] == 1 else { return false }
        let columns = [[m[0], m[1], m[2]], [m[4], m[5], m[6]], [m[8], m[9], m[10]]]
        func dot(_ a: [Double], _ b: [Double]) -> Double { a[0] * b[0] + a[1] * b[1] + a[2] * b[2] }
        let lengths = columns.map { dot($0, $0).squareRoot() }
        guard lengths.allSatisfy({ $0 > 0 && $0.isFinite }) else { return false }
        return [(0, 1), (1, 2), (0, 2)].allSatisfy { pair in
            abs(dot(columns[pair.0], columns[pair.1]) / lengths[pair.0] / lengths[pair.1]) < orthogonalTolerance
        }
    }

    mutating func checkSkins() throws(AssetError) {
        let forest = GLTFForest(model.nodes)
        let hasCycles = forest.isOnCycle.contains(true)
        var skinRoots: [Int: Int] = [:]
        for (number, skin) in model.skins.enumerated() {
            let place = "/skins/\(number)"
            if let accessor = skin.inverseBindMatrices.map({ model.accessors[$0] }) {
                let at = place + "/inverseBindMatrices"
                if accessor.shape != .mat4 || accessor.component != .float { issues.add(.skinIbmInvalidFormat, at) }
                if accessor.view.flatMap({ model.views[$0].stride }) != nil {
                    issues.add(.skinIbmAccessorWithBytestride, at)
                }
                if accessor.count < skin.joints.count { issues.add(.invalidIbmAccessorCount, at) }
            }
            let named = list(.skins)[number]["joints"]?.array?.count ?? 0
            if hasCycles { continue }
            let roots = Set(skin.joints.map { forest.roots[$0] })
            if roots.count > 1 || (named > 0 && roots.isEmpty) { issues.add(.skinNoCommonRoot, place + "/joints") }
            if roots.count == 1 { skinRoots[number] = roots.first }
            if let skeleton = skin.skeleton, !skin.joints.allSatisfy({ forest.contains(skeleton, $0) }) {
                issues.add(.skinSkeletonInvalid, place + "/skeleton")
            }
        }
        if !hasCycles, !model.scenes.isEmpty, !skinRoots.isEmpty { try checkSkinScenes(forest, skinRoots) }
    }

    /// A mesh with a skin stands in a scene with its joints.
    private mutating func checkSkinScenes(
        _ forest: GLTFForest, _ skinRoots: [Int: Int]
    ) throws(AssetError) {
        // A root's scenes, ascending: all nodes of a tree are in the same ones.
        var scenes: [[Int]] = Array(repeating: [], count: model.nodes.count)
        for (scene, roots) in model.scenes.enumerated() {
            for root in roots where scenes[root].last != scene { scenes[root].append(scene) }
        }
        var known: [[Int]: Bool] = [:]
        for (number, node) in model.nodes.enumerated() {
            guard node.mesh != nil, let skin = node.skin, let jointRoot = skinRoots[skin] else { continue }
            let pair = [forest.roots[number], jointRoot]
            let (own, others) = (scenes[pair[0]], scenes[jointRoot])
            if own.isEmpty || pair[0] == jointRoot { continue }
            let place = "/nodes/\(number)"
            if known[pair] == nil {
                // Every pair of trees may have to be compared, scene by scene.
                try budget.pay(own.count + others.count, of: 8, at: place)
                known[pair] = Self.areDisjoint(own, others)
            }
            if known[pair] == true { issues.add(.nodeSkinNoScene, place) }
        }
    }

    /// Of two ascending lists.
    private static func areDisjoint(_ a: [Int], _ b: [Int]) -> Bool {
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] { return false }
            if a[i] < b[j] { i += 1 } else { j += 1 }
        }
        return true
    }
}
