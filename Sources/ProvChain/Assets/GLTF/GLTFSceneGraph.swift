/// Which nodes a glTF uses, and where each of its scenes puts them.
struct GLTFSceneGraph {
    /// A node in a scene.
    struct Place {
        let node: Int
        /// The node's own: meshes with a skin do not follow it.
        let matrix: WorldMatrix
    }

    /// The nodes of each scene; of one scene of all nodes, if the file has none.
    private(set) var scenes: [[Place]] = []
    private(set) var nodesInUse: Set<Int> = []
    /// The scene to show first.
    let initial: Int

    init(_ reader: inout GLTFReader) throws(AssetError) {
        let model = reader.model
        let forest = GLTFForest(model.nodes)
        let all = model.nodes.indices.filter { forest.parents[$0] == nil }
        let roots = model.scenes.isEmpty ? (model.nodes.isEmpty ? [] : [all]) : model.scenes
        let named = reader.root["scene"]?.integer ?? 0
        initial = named >= 0 && named < Int64(roots.count) ? Int(named) : 0
        let locals = reader.list(.nodes).map { Self.local($0) }
        for (number, list) in roots.enumerated() {
            var places: [Place] = []
            var seen: Set<Int> = []
            var stack = list.reversed().map { (node: $0, above: WorldMatrix.unit) }
            while let (node, above) = stack.popLast() {
                guard seen.insert(node).inserted else { continue }
                try reader.budget.pay(1, of: 256, at: "/scenes/\(number)")
                let matrix = above.times(locals[node])
                places.append(Place(node: node, matrix: matrix))
                for child in model.nodes[node].children.reversed() { stack.append((child, matrix)) }
            }
            nodesInUse.formUnion(seen)
            scenes.append(places)
        }
    }

    /// The schema has been checked: lists of numbers have their lengths.
    private static func local(_ node: StrictJSON) -> WorldMatrix {
        func numbers(_ name: JSONText, _ standard: [Double]) -> [Double] {
            guard let list = node[name]?.array?.compactMap(\.number), list.count == standard.count else {
                return standard
            }
            return list
        }
        if node["matrix"] != nil {
            return WorldMatrix(elements: numbers("matrix", WorldMatrix.unit.elements))
        }
        return WorldMatrix(
            translation: numbers("translation", [0, 0, 0]), rotation: numbers("rotation", [0, 0, 0, 1]),
            scale: numbers("scale", [1, 1, 1]))
    }
}
