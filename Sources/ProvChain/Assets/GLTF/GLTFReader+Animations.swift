extension GLTFReader {
    mutating func checkAnimations() {
        for (number, animation) in list(.animations).enumerated() {
            let place = "/animations/\(number)"
            let samplers = animation["samplers"]?.array ?? []
            for (position, sampler) in samplers.enumerated() {
                checkSampler(sampler, "\(place)/samplers/\(position)")
            }
            var targets: Set<StrictJSON> = []
            for (position, channel) in (animation["channels"]?.array ?? []).enumerated() {
                let at = "\(place)/channels/\(position)"
                if let target = channel["target"], target["node"] != nil,
                    !targets.insert(.array([target["node"] ?? .null, target["path"] ?? .null])).inserted
                {
                    issues.add(.animationDuplicateTargets, at + "/target")
                }
                guard let index = channel["sampler"]?.integer, index >= 0 else { continue }
                guard index < Int64(samplers.count) else {
                    issues.add(.unresolvedReference, at + "/sampler")
                    continue
                }
                checkChannel(channel, samplers[Int(index)], at)
            }
        }
    }

    private func accessor(_ value: StrictJSON?) -> GLTFModel.Accessor? {
        value?.integer.flatMap { model.accessors.indices.contains(Int($0)) ? model.accessors[Int($0)] : nil }
    }

    private mutating func checkSampler(_ sampler: StrictJSON, _ place: String) {
        if let input = accessor(sampler["input"]) {
            if input.shape != .scalar || input.component != .float {
                issues.add(.animationSamplerInputAccessorInvalidFormat, place + "/input")
            }
            if input.minimum == nil || input.maximum == nil {
                issues.add(.animationSamplerInputAccessorWithoutBounds, place + "/input")
            }
            if sampler["interpolation"]?.text == "CUBICSPLINE", input.count < 2 {
                issues.add(.animationSamplerInputAccessorTooFewElements, place + "/input")
            }
        }
        for name in ["input", "output"] {
            if let view = accessor(sampler[JSONText(stringLiteral: name)])?.view, model.views[view].stride != nil {
                issues.add(.animationSamplerAccessorWithBytestride, "\(place)/\(name)")
            }
        }
    }

    private mutating func checkChannel(_ channel: StrictJSON, _ sampler: StrictJSON, _ place: String) {
        guard let path = channel["target"]?["path"]?.text else { return }
        var perKey = sampler["interpolation"]?.text == "CUBICSPLINE" ? 3 : 1
        if let index = channel["target"]?["node"]?.integer, index >= 0, index < Int64(model.nodes.count) {
            let node = model.nodes[Int(index)]
            let morphs = node.mesh.flatMap { model.meshes[$0].primitives.first?.targets.count } ?? 0
            if path == "weights", morphs == 0 {
                issues.add(.animationChannelTargetNodeWeightsNoMorphs, place + "/target")
            }
            if path != "weights", list(.nodes)[Int(index)]["matrix"] != nil {
                issues.add(.animationChannelTargetNodeMatrix, place + "/target")
            }
            if path == "weights" { perKey *= max(1, morphs) }
        } else if path == "weights" {
            return
        }
        guard let input = accessor(sampler["input"]), let output = accessor(sampler["output"]) else { return }
        let shape: GLTFShape
        switch path {
        case "translation", "scale": shape = .vec3
        case "rotation": shape = .vec4
        case "weights": shape = .scalar
        default: return
        }
        let mayBeInteger = path == "rotation" || path == "weights"
        let isInteger = output.component != .uint32 && output.isNormalized && mayBeInteger
        if output.shape != shape || (output.component != .float && !isInteger) {
            issues.add(.animationSamplerOutputAccessorInvalidFormat, place + "/sampler")
        }
        let (expected, overflow) = input.count.multipliedReportingOverflow(by: perKey)
        if overflow || expected != output.count {
            issues.add(.animationSamplerOutputAccessorInvalidCount, place + "/sampler")
        }
    }

    /// Times rise from 0, and rotations are of unit length. `seen` holds what was checked already.
    mutating func checkAnimationData(_ seen: inout Set<[Int]>) throws(AssetError) {
        for (number, animation) in list(.animations).enumerated() {
            let samplers = animation["samplers"]?.array ?? []
            for (position, sampler) in samplers.enumerated() {
                guard let input = sampler["input"]?.integer, model.accessors.indices.contains(Int(input)),
                    seen.insert([6, Int(input)]).inserted, let times = try numbers(Int(input))
                else { continue }
                let place = "/animations/\(number)/samplers/\(position)/input"
                if times.contains(where: { $0 < 0 }) { issues.add(.accessorAnimationInputNegative, place) }
                if zip(times, times.dropFirst()).contains(where: { $0 >= $1 }) {
                    issues.add(.accessorAnimationInputNonIncreasing, place)
                }
            }
            for (position, channel) in (animation["channels"]?.array ?? []).enumerated() {
                guard channel["target"]?["path"]?.text == "rotation", let index = channel["sampler"]?.integer,
                    samplers.indices.contains(Int(index)), let output = samplers[Int(index)]["output"]?.integer,
                    model.accessors.indices.contains(Int(output)), model.accessors[Int(output)].component == .float,
                    seen.insert([7, Int(output)]).inserted, let values = try numbers(Int(output))
                else { continue }
                let isCubic = samplers[Int(index)]["interpolation"]?.text == "CUBICSPLINE"
                checkRotations(values, isCubic: isCubic, "/animations/\(number)/channels/\(position)/sampler")
            }
        }
    }

    private mutating func checkRotations(_ values: [Double], isCubic: Bool, _ place: String) {
        // Between two tangents stands the value.
        for (key, start) in stride(from: 0, to: values.count - 3, by: 4).enumerated() where !isCubic || key % 3 == 1 {
            let length = values[start..<(start + 4)].reduce(0) { $0 + $1 * $1 }.squareRoot()
            if abs(length - 1) > Self.unitTolerance {
                return issues.add(.accessorAnimationSamplerOutputNonNormalizedQuaternion, place)
            }
        }
    }
}
