extension GLTFReader {
    /// The leaves of the materials that primitives in use have asked for, and of the images that those show.
    func addMaterials(_ meshes: Set<Int>, _ components: inout [AssetComponent]) {
        for (number, leaf) in materialLeaves.sorted(by: { ($0.key ?? -1) < ($1.key ?? -1) }) {
            components.append(
                AssetComponent(
                    .material, leaf, place: number.map { "/materials/\($0)" } ?? "default material",
                    name: number.flatMap { name(.materials, $0) }))
        }
        for image in images where imagesInUse.contains(image.number) {
            components.append(
                AssetComponent(
                    .image, image.leaf, place: "/images/\(image.number)", name: name(.images, image.number)))
        }
    }

    /// The leaf of a material, of the default one for `nil`; computed once.
    mutating func materialLeaf(_ number: Int?) throws(AssetError) -> Digest {
        if let known = materialLeaves[number] { return known }
        var material = MaterialLeaf()
        if let number {
            material = try self.material(list(.materials)[number], "/materials/\(number)")
        }
        let leaf = material.leaf
        materialLeaves[number] = leaf
        return leaf
    }

    private mutating func material(_ entry: StrictJSON, _ place: String) throws(AssetError) -> MaterialLeaf {
        var material = MaterialLeaf()
        let surface = entry["pbrMetallicRoughness"] ?? .null
        material.baseColor = try numbers(surface["baseColorFactor"], material.baseColor, place)
        material.metallic = try number(surface["metallicFactor"], 1, place)
        material.roughness = try number(surface["roughnessFactor"], 1, place)
        material.emissive = try numbers(entry["emissiveFactor"], material.emissive, place)
        material.normalScale = try number(entry["normalTexture"]?["scale"], 1, place)
        material.occlusionStrength = try number(entry["occlusionTexture"]?["strength"], 1, place)
        material.alphaCutoff = try number(entry["alphaCutoff"], 0.5, place)
        switch entry["alphaMode"]?.text {
        case "MASK": material.alphaMode = .mask
        case "BLEND": material.alphaMode = .blend
        default: material.alphaMode = .opaque
        }
        material.isDoubleSided = entry["doubleSided"]?.bool ?? false
        let slots = [
            surface["baseColorTexture"], surface["metallicRoughnessTexture"], entry["normalTexture"],
            entry["occlusionTexture"], entry["emissiveTexture"],
        ]
        for (slot, info) in slots.enumerated() {
            if let info { material.textures[slot] = try texture(info, place) }
        }
        for (name, content) in (entry["extensions"]?.object ?? [:]).inOrder
        where name.utf8.starts(with: Array("KHR_materials_".utf8)) {
            material.extensions.append(.init(name: name, value: try value(content, named: name, place)))
        }
        return material
    }

    private func number(_ value: StrictJSON?, _ standard: Float, _ place: String) throws(AssetError) -> Float {
        guard let number = value?.number else { return standard }
        let float = Float(number)
        guard float.isFinite else { throw .invalid([AssetIssue(.provNotFinite, place)]) }
        return float
    }

    private func numbers(
        _ value: StrictJSON?, _ standard: [Float], _ place: String
    ) throws(AssetError) -> [Float] {
        guard let list = value?.array, list.count == standard.count else { return standard }
        var numbers: [Float] = []
        for (position, element) in list.enumerated() {
            numbers.append(try number(element, standard[position], place))
        }
        return numbers
    }

    private mutating func texture(
        _ info: StrictJSON, _ place: String
    ) throws(AssetError) -> MaterialLeaf.Texture? {
        guard let index = info["index"]?.integer, index >= 0, index < Int64(list(.textures).count) else { return nil }
        let entry = list(.textures)[Int(index)]
        var texture = MaterialLeaf.Texture()
        texture.image = imageLeaf(entry)
        texture.coordinates = UInt64(max(0, info["texCoord"]?.integer ?? 0))
        if let number = entry["sampler"]?.integer, number >= 0, number < Int64(list(.samplers).count) {
            let sampler = list(.samplers)[Int(number)]
            let names: [JSONText] = ["magFilter", "minFilter", "wrapS", "wrapT"]
            texture.sampler = zip(names, texture.sampler).map { name, standard in
                sampler[name]?.integer.map { UInt64(max(0, $0)) } ?? standard
            }
        }
        if let transform = info["extensions"]?["KHR_texture_transform"] {
            let offset = try numbers(transform["offset"], [0, 0], place)
            let rotation = try number(transform["rotation"], 0, place)
            texture.transform = offset + [rotation] + (try numbers(transform["scale"], [1, 1], place))
            if let set = transform["texCoord"]?.integer, set >= 0 { texture.coordinates = UInt64(set) }
        }
        return texture
    }

    /// The image of a texture; else that of an extension for another format.
    private mutating func imageLeaf(_ texture: StrictJSON) -> Digest? {
        let extensions = texture["extensions"]
        let sources = [
            texture["source"], extensions?["EXT_texture_webp"]?["source"],
            extensions?["KHR_texture_basisu"]?["source"],
        ]
        guard let number = sources.lazy.compactMap({ $0?.integer }).first else { return nil }
        guard let leaf = imageLeaves[Int(number)] else {
            note(.absentBytes)
            return nil
        }
        imagesInUse.insert(Int(number))
        return leaf
    }

    /// The nesting of JSON is bounded.
    private mutating func value(
        _ json: StrictJSON, named name: JSONText, _ place: String
    ) throws(AssetError) -> MaterialLeaf.Value {
        switch json {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .integer, .double: return .number(try number(json, 0, place))
        case .string(let text): return .text(text.utf8)
        case .array(let elements):
            var values: [MaterialLeaf.Value] = []
            for element in elements { values.append(try value(element, named: name, place)) }
            return .array(values)
        case .object(let members):
            let isTexture = name.utf8.suffix(7) == Array("Texture".utf8)[...]
            let texture = try isTexture ? texture(json, place) : nil
            var left: Set<JSONText> = ["extensions", "extras"]
            if texture != nil { left.formUnion(["index", "texCoord"]) }
            var rest: [MaterialLeaf.Member] = []
            for (name, content) in members.inOrder where !left.contains(name) {
                rest.append(.init(name: name, value: try value(content, named: name, place)))
            }
            return texture.map { .texture($0, rest) } ?? .object(rest)
        }
    }
}
