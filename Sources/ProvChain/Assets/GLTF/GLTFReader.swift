/// The state of reading one glTF: the checks are its extensions, a file for each kind of object.
struct GLTFReader {
    let model: GLTFModel
    let container: GLBContainer
    let resolve: GLTFAsset.Resolver
    var issues: IssueList
    var budget: AssetBudget
    /// The bytes of each buffer; `nil` for those that could not be had.
    var buffers: [GLTFBytes?] = []
    /// Decoded once and shared, by the number of the accessor.
    var decoded: [Int: [Double]] = [:]
    /// As f32 and normalised, by the number of the accessor.
    var floats: [Int: [Float]] = [:]
    /// Where the meshes of `[mesh, primitive]` stand among those that were read.
    var meshNumbers: [[Int]: Int] = [:]
    /// By the number of the material; nil is the one of primitives that name none.
    var materialLeaves: [Int?: Digest] = [:]
    var images: [GLTFAsset.Image] = []
    /// By the number of the image.
    var imageLeaves: [Int: Digest] = [:]
    /// Numbers of the images that materials in use show.
    var imagesInUse: Set<Int> = []
    var reasons: [GLTFAsset.Unverified] = []

    var root: StrictJSON { model.root }

    mutating func note(_ reason: GLTFAsset.Unverified) {
        if !reasons.contains(reason) { reasons.append(reason) }
    }

    func list(_ collection: GLTFCollection) -> [StrictJSON] { root[collection.key]?.array ?? [] }

    /// Everything but the meshes, in an order in which each check may rely on those before it.
    mutating func check() throws(AssetError) {
        checkAsset()
        checkExtensions()
        try loadBuffers()
        checkViews()
        checkAccessors()
        checkCameras()
        checkNodes()
        try checkSkins()
        checkMeshes()
        checkAnimations()
        try checkImages()
        guard !issues.isBlocked else { return }
        try checkData()
    }

    private mutating func checkAsset() {
        guard let text = root["asset"]?["version"]?.text, let version = GLTFVersion(text) else { return }
        if version.major != 2 { issues.add(.unknownAssetMajorVersion, "/asset/version") }
        if version.major == 2, version.minor > 0 { issues.add(.unknownAssetMinorVersion, "/asset/version") }
        if let minimum = root["asset"]?["minVersion"]?.text.flatMap(GLTFVersion.init), minimum > version {
            issues.add(.assetMinVersionGreaterThanVersion, "/asset/minVersion")
        }
    }

    private mutating func checkExtensions() {
        let used = Set((root["extensionsUsed"]?.array ?? []).compactMap(\.text))
        let required = (root["extensionsRequired"]?.array ?? []).compactMap(\.text)
        if root["extensionsRequired"] != nil, root["extensionsUsed"] == nil {
            issues.add(.unsatisfiedDependency, "/extensionsRequired")
        }
        for (number, name) in required.enumerated() {
            if !used.contains(name) { issues.add(.unusedExtensionRequired, "/extensionsRequired/\(number)") }
            let text = name.description
            if !GLTFAsset.understoodExtensions.contains(text) {
                issues.add(.unsupportedExtension, "/extensionsRequired/\(number)")
                note(
                    GLTFAsset.compressions.contains(text) ? .compressedGeometry(text) : .requiredExtension(text))
            }
        }
    }

    private mutating func checkCameras() {
        for (number, camera) in list(.cameras).enumerated() {
            let place = "/cameras/\(number)"
            let kind = camera["type"]?.text
            if camera["orthographic"] != nil, camera["perspective"] != nil { issues.add(.oneOfMismatch, place) }
            if let kind, kind == "perspective" || kind == "orthographic", camera[kind] == nil {
                issues.add(.undefinedProperty, place)
            }
            for name: JSONText in ["orthographic", "perspective"] {
                guard let lens = camera[name] else { continue }
                if let far = lens["zfar"]?.number, let near = lens["znear"]?.number, far <= near {
                    issues.add(.cameraZfarLequalZnear, "\(place)/\(name)")
                }
                for axis: JSONText in ["xmag", "ymag"] where lens[axis]?.number == 0 {
                    issues.add(.cameraXmagYmagZero, "\(place)/\(name)/\(axis)")
                }
            }
        }
    }
}

/// A range of bytes of a file or buffer, not copied.
struct GLTFBytes {
    let storage: [UInt8]
    let range: Range<Int>

    init(_ storage: [UInt8], _ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= storage.count, "\(range) of \(storage.count) bytes")
        self.storage = storage
        self.range = range
    }

    init(_ storage: [UInt8]) { self.init(storage, 0..<storage.count) }

    var count: Int { range.count }
    var slice: ArraySlice<UInt8> { storage[range] }

    func part(_ offset: Int, _ length: Int) -> GLTFBytes? {
        guard offset >= 0, length >= 0, offset <= count, length <= count - offset else { return nil }
        return GLTFBytes(storage, (range.lowerBound + offset)..<(range.lowerBound + offset + length))
    }

    /// Whoever asks has checked that the number lies inside.
    func number(_ offset: Int, _ type: GLTFComponentType) -> Double {
        precondition(offset >= 0 && offset <= count - type.size, "\(type.size) bytes at \(offset) of \(count)")
        let at = range.lowerBound + offset
        func byte(_ index: Int) -> UInt32 { UInt32(storage[at + index]) }
        switch type {
        case .int8: return Double(Int8(bitPattern: storage[at]))
        case .uint8: return Double(storage[at])
        case .int16: return Double(Int16(truncatingIfNeeded: byte(0) | byte(1) << 8))
        case .uint16: return Double(byte(0) | byte(1) << 8)
        case .uint32: return Double(byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24)
        case .float:
            return Double(Float(bitPattern: byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24))
        }
    }
}
