extension GLTFReader {
    private var isQuantized: Bool {
        (root["extensionsUsed"]?.array ?? []).contains { $0.text == "KHR_mesh_quantization" }
    }

    /// Primitives by their layout; the numbers are read by `checkData`.
    mutating func checkMeshes() {
        let isQuantized = isQuantized
        var targets: [Int: Int] = [:]
        for (number, mesh) in model.meshes.enumerated() {
            for (position, primitive) in mesh.primitives.enumerated() {
                let place = "/meshes/\(number)/primitives/\(position)"
                checkAttributes(primitive, place, isQuantized, &targets)
                checkIndices(primitive, place, &targets)
                checkTargets(primitive, place, isQuantized, &targets)
                checkTextureSets(primitive, place)
                if primitive.targets.count != mesh.primitives[0].targets.count {
                    issues.add(
                        .meshPrimitivesUnequalTargetsCount, place + (primitive.targets.isEmpty ? "" : "/targets"))
                }
            }
            if let weights = mesh.weights, let first = mesh.primitives.first, weights != first.targets.count {
                issues.add(.meshInvalidWeightsCount, "/meshes/\(number)/weights")
            }
        }
    }

    /// One view serves vertices or indices, not both.
    private mutating func claim(_ accessor: Int, _ target: Int, _ targets: inout [Int: Int], _ place: String) {
        guard let view = model.accessors[accessor].view else { return }
        let known = targets[view] ?? model.views[view].target
        if let known, known != target { issues.add(.bufferViewTargetOverride, place) }
        targets[view] = known ?? target
    }

    private mutating func checkAttributes(
        _ primitive: GLTFModel.Primitive, _ place: String, _ isQuantized: Bool, _ targets: inout [Int: Int]
    ) {
        // How many numbered sets of each kind, and the highest number.
        var sets: [String: (count: Int, highest: Int)] = [:]
        let first = primitive.accessor("POSITION") ?? primitive.attributes.first?.accessor
        for (name, number) in primitive.attributes {
            let at = "\(place)/attributes/\(name.pointerToken)"
            let accessor = model.accessors[number]
            guard let attribute = GLTFAttribute(name) else {
                issues.add(.meshPrimitiveInvalidAttribute, at)
                continue
            }
            if !attribute.allows(accessor, isQuantized: isQuantized) {
                issues.add(.meshPrimitiveAttributesAccessorInvalidFormat, at)
            }
            if attribute == .application, accessor.component == .uint32 {
                issues.add(.meshPrimitiveAttributesAccessorUnsignedInt, at)
            }
            if attribute == .position, accessor.minimum == nil || accessor.maximum == nil {
                issues.add(.meshPrimitivePositionAccessorWithoutBounds, at)
            }
            if let first, accessor.count != model.accessors[first].count {
                issues.add(.meshPrimitiveUnequalAccessorCount, at)
            }
            checkVertexLayout(primitive, accessor, at)
            claim(number, GLTFAsset.vertexTarget, &targets, at)
            let (kind, index) = Self.set(of: attribute)
            if let kind, let index {
                let known = sets[kind] ?? (0, -1)
                sets[kind] = (known.count + 1, max(known.highest, index))
            }
        }
        for (_, set) in sets where set.highest != set.count - 1 {
            issues.add(.meshPrimitiveIndexedSemanticContinuity, place + "/attributes")
        }
        if sets["JOINTS"]?.count ?? 0 != sets["WEIGHTS"]?.count ?? 0 {
            issues.add(.meshPrimitiveJointsWeightsMismatch, place + "/attributes")
        }
        if primitive.accessor("POSITION") == nil { issues.add(.meshPrimitiveNoPosition, place + "/attributes") }
    }

    private static func set(of attribute: GLTFAttribute) -> (kind: String?, index: Int?) {
        switch attribute {
        case .position, .normal, .tangent, .application: (nil, nil)
        case .texcoord(let number): ("TEXCOORD", number)
        case .color(let number): ("COLOR", number)
        case .joints(let number): ("JOINTS", number)
        case .weights(let number): ("WEIGHTS", number)
        }
    }

    private mutating func checkVertexLayout(
        _ primitive: GLTFModel.Primitive, _ accessor: GLTFModel.Accessor, _ place: String
    ) {
        guard let number = accessor.view, let component = accessor.component, let shape = accessor.shape else { return }
        let view = model.views[number]
        let size = shape.size(component)
        if !accessor.offset.isMultiple(of: 4) || !(view.stride ?? size).isMultiple(of: 4) {
            issues.add(.meshPrimitiveAccessorUnaligned, place)
        }
        let sharers = primitive.sharers[number] ?? 0
        if view.stride == nil, sharers > 1 { issues.add(.meshPrimitiveAccessorWithoutBytestride, place) }
    }

    private mutating func checkIndices(
        _ primitive: GLTFModel.Primitive, _ place: String, _ targets: inout [Int: Int]
    ) {
        guard let number = primitive.indices else { return }
        let accessor = model.accessors[number]
        let at = place + "/indices"
        let isUnsigned =
            accessor.component == .uint8 || accessor.component == .uint16 || accessor.component == .uint32
        if accessor.shape != .scalar || !isUnsigned || accessor.isNormalized {
            issues.add(.meshPrimitiveIndicesAccessorInvalidFormat, at)
        }
        if accessor.view.flatMap({ model.views[$0].stride }) != nil {
            issues.add(.meshPrimitiveIndicesAccessorWithBytestride, at)
        }
        claim(number, GLTFAsset.indexTarget, &targets, at)
    }

    private mutating func checkTargets(
        _ primitive: GLTFModel.Primitive, _ place: String, _ isQuantized: Bool, _ targets: inout [Int: Int]
    ) {
        for (position, target) in primitive.targets.enumerated() {
            for (name, number) in target {
                let at = "\(place)/targets/\(position)/\(name.pointerToken)"
                let accessor = model.accessors[number]
                let attribute = GLTFAttribute(name)
                if attribute == nil { issues.add(.meshPrimitiveInvalidAttribute, at) }
                if let attribute, !attribute.allowsAsTarget(accessor, isQuantized: isQuantized) {
                    issues.add(.meshPrimitiveAttributesAccessorInvalidFormat, at)
                }
                if let base = primitive.accessor(name) {
                    if model.accessors[base].count != accessor.count {
                        issues.add(.meshPrimitiveMorphTargetInvalidAttributeCount, at)
                    }
                } else {
                    issues.add(.meshPrimitiveMorphTargetNoBaseAccessor, at)
                }
                if attribute == .position, accessor.minimum == nil || accessor.maximum == nil {
                    issues.add(.meshPrimitivePositionAccessorWithoutBounds, at)
                }
                claim(number, GLTFAsset.vertexTarget, &targets, at)
            }
        }
    }

    /// A material's textures use sets of coordinates that the primitive must have.
    private mutating func checkTextureSets(_ primitive: GLTFModel.Primitive, _ place: String) {
        guard let number = primitive.material else { return }
        let material = list(.materials)[number]
        let count = Int64(
            primitive.attributes.filter { if case .texcoord = GLTFAttribute($0.name) { true } else { false } }.count)
        let pbr = material["pbrMetallicRoughness"]
        let textures = [
            pbr?["baseColorTexture"], pbr?["metallicRoughnessTexture"], material["normalTexture"],
            material["occlusionTexture"], material["emissiveTexture"],
        ]
        for texture in textures.compactMap({ $0 }) where texture.object != nil {
            if texture["texCoord"]?.integer ?? 0 >= count {
                issues.add(.meshPrimitiveTooFewTexcoords, place + "/material")
            }
        }
    }
}
