/// What a glTF holds besides its checks: its components, and where its meshes stand in the scene to show first.
struct GLTFContent {
    var components: [AssetComponent] = []
    /// The number of a mesh, and its matrix.
    var instances: [(mesh: Int, matrix: WorldMatrix)] = []
}

extension GLTFReader {
    /// The components in use: all that the nodes of any scene lead to; of a file without scenes, all nodes; of one
    /// without nodes, all meshes. One for each object of the file, equal or not.
    ///
    /// - Parameter meshes: as read before.
    mutating func content(_ meshes: [Mesh]) throws(AssetError) -> GLTFContent {
        var content = GLTFContent()
        let graph = try GLTFSceneGraph(&self)
        let nodes = graph.nodesInUse.sorted().map { model.nodes[$0] }
        let meshNumbers =
            model.nodes.isEmpty ? Set(model.meshes.indices) : Set(nodes.compactMap(\.mesh))
        var primitives: [Int: [Digest]] = [:]
        for mesh in meshNumbers.sorted() {
            primitives[mesh] = try addMesh(mesh, meshes, &content.components)
        }
        addMaterials(meshNumbers, &content.components)
        var skins: [Int: Digest] = [:]
        for skin in Set(nodes.filter { $0.mesh != nil }.compactMap(\.skin)).sorted() {
            let leaf = try skinLeaf(skin)
            skins[skin] = leaf
            content.components.append(
                AssetComponent(.skin, leaf, place: "/skins/\(skin)", name: name(.skins, skin)))
        }
        try addAnimations(graph.nodesInUse, &content.components)
        try addScenes(graph, primitives, skins, &content.components)
        if !graph.scenes.isEmpty {
            try addInstances(graph.scenes[graph.initial], &content)
        }
        if content.components.count > Limits.manifestLeaves { note(.tooManyComponents(content.components.count)) }
        return content
    }

    func name(_ collection: GLTFCollection, _ number: Int) -> String? {
        root[collection.key]?.array?[number]["name"]?.text?.description
    }

    /// What a mesh in the scene takes here. A mesh of many primitives at many nodes is their product.
    static let instanceBytes = 64

    private mutating func addInstances(
        _ places: [GLTFSceneGraph.Place], _ content: inout GLTFContent
    ) throws(AssetError) {
        // For each mesh, the numbers of its primitives with triangles.
        var drawn: [Int: [Int]] = [:]
        for place in places {
            let node = model.nodes[place.node]
            guard let mesh = node.mesh else { continue }
            let numbers = drawn[mesh] ?? model.meshes[mesh].primitives.indices.compactMap { meshNumbers[[mesh, $0]] }
            drawn[mesh] = numbers
            try budget.pay(numbers.count, of: Self.instanceBytes, at: "/nodes/\(place.node)")
            let matrix = node.skin == nil ? place.matrix : .unit
            for number in numbers { content.instances.append((number, matrix)) }
        }
    }

    /// - Returns: the `PRIM` leaves.
    private mutating func addMesh(
        _ number: Int, _ meshes: [Mesh], _ components: inout [AssetComponent]
    ) throws(AssetError) -> [Digest] {
        var leaves: [Digest] = []
        let name = name(.meshes, number)
        for (position, primitive) in model.meshes[number].primitives.enumerated() {
            let place = "/meshes/\(number)/primitives/\(position)"
            let mesh = meshNumbers[[number, position]]
            guard primitive.accessor("POSITION") != nil else { continue }
            // In use although nothing may be left to draw.
            let material = try materialLeaf(primitive.material)
            guard let (arity, vertices) = try vertices(primitive, mesh.map { meshes[$0] }, place) else { continue }
            let (corners, normals) = try columns(primitive, place)
            let elements = try CanonicalElements(
                arity, vertices: vertices, columns: corners, budget: &budget, at: place)
            guard let leaf = PrimitiveLeaf.leaf(elements, columns: corners, material: material) else { continue }
            leaves.append(leaf)
            components.append(AssetComponent(.primitive, leaf, place: place, name: name))
            if let mesh, let geometry = try GeometryHash.leaf(of: meshes[mesh], budget: &budget, at: place) {
                components.append(AssetComponent(.geometry, geometry, place: place, name: name, mesh: mesh))
            }
            guard normals.count > 1 else { continue }
            let directions = try CanonicalElements(
                arity, vertices: vertices, columns: normals, budget: &budget, at: place)
            if let leaf = NormalsLeaf.leaf(directions, columns: normals) {
                components.append(AssetComponent(.normals, leaf, place: place, name: name))
            }
        }
        return leaves
    }

    /// The vertices of separate points, lines or triangles; `nil` if there are none.
    private mutating func vertices(
        _ primitive: GLTFModel.Primitive, _ mesh: Mesh?, _ place: String
    ) throws(AssetError) -> (CanonicalElements.Arity, [UInt32])? {
        if let mesh { return (.triangle, try mesh.corners(&budget, place).vertices) }
        guard (0...3).contains(primitive.mode), let points = primitive.accessor("POSITION") else { return nil }
        let order: [UInt32]
        if let indices = primitive.indices {
            guard let values = try numbers(indices) else { return nil }
            try budget.pay(values.count, of: 4, at: place)
            order = values.map { UInt32($0) }
        } else {
            try budget.pay(model.accessors[points].count, of: 4, at: place)
            order = (0..<UInt32(model.accessors[points].count)).map { $0 }
        }
        guard let first = order.first, let last = order.last else { return nil }
        try budget.pay(order.count, of: 8, at: place)
        switch primitive.mode {
        case 0: return (.point, order)
        case 1: return (.line, Array(order.prefix(order.count & ~1)))
        default:
            let pairs = zip(order, order.dropFirst()).flatMap { [$0, $1] }
            return (.line, primitive.mode == 2 ? pairs + [last, first] : pairs)
        }
    }

    /// The columns of the `PRIM` and of the `NORM` leaf.
    private mutating func columns(
        _ primitive: GLTFModel.Primitive, _ place: String
    ) throws(AssetError) -> (corners: [CornerTable.Column], normals: [CornerTable.Column]) {
        var corners: [CornerTable.Column] = []
        var normals: [CornerTable.Column] = []
        let sets = [primitive.attributes] + primitive.targets
        for (set, attributes) in sets.enumerated() {
            let positions = attributes.filter { $0.name == "POSITION" }
            for (name, accessor) in positions + attributes.filter({ $0.name != "POSITION" }) {
                guard let attribute = GLTFAttribute(name), attribute != .application,
                    let width = model.accessors[accessor].shape?.components
                else { continue }
                var fourth: Float?
                if case .color = attribute { fourth = set == 0 ? 1 : 0 }
                let column = CornerTable.Column(
                    name: set == 0 ? name.description : "\(name)@\(set - 1)", width: width,
                    source: .numbers(try floatsOrZeros(accessor, place)), fourth: fourth)
                switch attribute {
                case .normal, .tangent: normals.append(column)
                case .position:
                    corners.append(column)
                    if set == 0 { normals.append(column) }
                case .texcoord, .color, .joints, .weights: corners.append(column)
                case .application: break
                }
            }
        }
        return (corners, normals)
    }

    /// Accessors without bytes are zeros (section 3.6.2.3), unless the bytes are what is missing.
    mutating func floatsOrZeros(_ number: Int, _ place: String) throws(AssetError) -> [Float] {
        let values = try readFloats(number, place)
        guard values.isEmpty, let shape = model.accessors[number].shape else { return values }
        if model.accessors[number].view != nil { note(.absentBytes) }
        try budget.pay(model.accessors[number].count, of: 4 * shape.components, at: place)
        let zeros = [Float](repeating: 0, count: model.accessors[number].count * shape.components)
        floats[number] = zeros
        return zeros
    }
}
