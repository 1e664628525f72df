extension GLTFReader {
    mutating func skinLeaf(_ number: Int) throws(AssetError) -> Digest {
        let skin = model.skins[number]
        let place = "/skins/\(number)"
        let parents = GLTFForest(model.nodes).parents
        var joints: [Int: UInt32] = [:]
        for (joint, node) in skin.joints.enumerated() where joints[node] == nil { joints[node] = UInt32(joint) }
        var above: [UInt32] = []
        try budget.pay(model.nodes.count + skin.joints.count, of: 80, at: place)
        for node in skin.joints {
            var ancestor = parents[node]
            while let next = ancestor, joints[next] == nil {
                try budget.pay(1, of: 16, at: place)
                ancestor = parents[next]
            }
            above.append(ancestor.flatMap { joints[$0] } ?? SkinLeaf.noParent)
        }
        var matrices: [Float]?
        if let accessor = skin.inverseBindMatrices { matrices = try floatsOrZeros(accessor, place) }
        return try SkinLeaf.leaf(parents: above, matrices: matrices, at: place)
    }

    mutating func addAnimations(
        _ nodes: Set<Int>, _ components: inout [AssetComponent]
    ) throws(AssetError) {
        for (number, animation) in list(.animations).enumerated() {
            let place = "/animations/\(number)"
            let samplers = animation["samplers"]?.array ?? []
            var channels: [Digest] = []
            for entry in animation["channels"]?.array ?? [] {
                guard let node = entry["target"]?["node"]?.integer, nodes.contains(Int(node)),
                    let index = entry["sampler"]?.integer, index >= 0, index < Int64(samplers.count),
                    let channel = try channel(entry, samplers[Int(index)], place)
                else { continue }
                try budget.pay(channel.times.count + channel.values.count, of: 8, at: place)
                channels.append(try channel.hash(at: place))
            }
            if let leaf = AnimationLeaf.leaf(channels: channels) {
                components.append(
                    AssetComponent(.animation, leaf, place: place, name: name(.animations, number)))
            }
        }
    }

    private mutating func channel(
        _ entry: StrictJSON, _ sampler: StrictJSON, _ place: String
    ) throws(AssetError) -> AnimationLeaf.Channel? {
        let path: AnimationLeaf.Channel.Path
        switch entry["target"]?["path"]?.text {
        case "translation": path = .translation
        case "rotation": path = .rotation
        case "scale": path = .scale
        case "weights": path = .weights
        default: return nil
        }
        let interpolation: AnimationLeaf.Channel.Interpolation
        switch sampler["interpolation"]?.text {
        case "STEP": interpolation = .step
        case "CUBICSPLINE": interpolation = .cubicSpline
        default: interpolation = .linear
        }
        guard let input = sampler["input"]?.integer, let output = sampler["output"]?.integer else { return nil }
        return AnimationLeaf.Channel(
            path: path, interpolation: interpolation, times: try floatsOrZeros(Int(input), place),
            values: try floatsOrZeros(Int(output), place))
    }

    /// Scenes with instances made by an extension have no leaf: what stands in them is more than their nodes.
    mutating func addScenes(
        _ graph: GLTFSceneGraph, _ primitives: [Int: [Digest]], _ skins: [Int: Digest],
        _ components: inout [AssetComponent]
    ) throws(AssetError) {
        let entries = list(.nodes)
        // Many nodes show one mesh, most of them alike.
        var known: [PlacedMesh: Digest] = [:]
        for (number, places) in graph.scenes.enumerated() {
            let place = "/scenes/\(number)"
            if places.contains(where: { entries[$0.node]["extensions"]?["EXT_mesh_gpu_instancing"] != nil }) {
                continue
            }
            var placements: [SceneLeaf.Placement] = []
            for position in places {
                let node = model.nodes[position.node]
                guard let mesh = node.mesh, let leaves = primitives[mesh], !leaves.isEmpty else { continue }
                let placed = PlacedMesh(mesh: mesh, weights: try weights(entries[position.node], mesh))
                try budget.pay(placed.weights.count + SceneLeaf.placementBytes, of: 4, at: place)
                if known[placed] == nil {
                    try budget.pay(leaves.count, of: 64, at: place)
                    known[placed] = try SceneLeaf.mesh(primitives: leaves, weights: placed.weights, at: place)
                }
                guard let hash = known[placed] else { preconditionFailure("a mesh that was hashed has no hash") }
                placements.append(
                    SceneLeaf.Placement(
                        mesh: hash, skin: node.skin.flatMap { skins[$0] },
                        matrix: node.skin == nil ? position.matrix : .unit))
            }
            if let leaf = try SceneLeaf.leaf(placements, at: place) {
                let name = model.scenes.isEmpty ? nil : name(.scenes, number)
                components.append(AssetComponent(.scene, leaf, place: place, name: name))
            }
        }
    }

    /// A mesh with its morph targets as a node shows them.
    private struct PlacedMesh: Hashable {
        let mesh: Int
        let weights: [Float]
    }

    /// Of the morph targets at rest.
    private func weights(_ node: StrictJSON, _ mesh: Int) throws(AssetError) -> [Float] {
        let count = model.meshes[mesh].primitives.first?.targets.count ?? 0
        let list = node["weights"]?.array ?? self.list(.meshes)[mesh]["weights"]?.array
        return list?.compactMap(\.number).map { Float($0) } ?? Array(repeating: 0, count: count)
    }
}
