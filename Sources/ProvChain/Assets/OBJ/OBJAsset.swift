/// A Wavefront OBJ from an untrusted source: polygons, split by object and material.
///
/// Read are `v`, `vt`, `vn`, `f`, `o`, `g`, `usemtl` and `mtllib`; indices count from 1, or back from the last one if
/// negative. Polygons are fanned from their first corner. Free-form curves, points and lines carry no triangles
/// and are passed over, as are smoothing groups and whatever else a line starts with.
public struct OBJAsset: Hashable, Sendable {
    /// One for each pair of object (or group) and material that has faces, in order of appearance. All share
    /// the positions of the file.
    public let meshes: [Mesh]
    /// The paths of `mtllib` lines, as they stand; nothing is followed.
    public let materialLibraries: [String]

    /// The longest line, continuations included.
    public static let maximumLineBytes = 1 << 20
    /// The longest name of an object, group or material: parts are found by name for each face.
    public static let maximumNameBytes = 1_024

    /// - Throws: `AssetError.invalid` with one issue whose pointer is `line n`, counting from 1; `.overBudget`.
    public static func read(bytes: [UInt8], budget: inout AssetBudget) throws(AssetError) -> OBJAsset {
        var reader = OBJReader(budget: budget)
        defer { budget = reader.budget }
        var lines = TextLines(bytes)
        while let line = try lines.next() { try reader.read(line, lines.number) }
        return OBJAsset(meshes: reader.meshes(), materialLibraries: reader.libraries)
    }
}

private struct OBJReader {
    struct Part: Hashable {
        var object: [UInt8] = []
        var material: [UInt8] = []
    }

    /// Numbers of a position, a texture coordinate and a normal.
    typealias Corner = (position: UInt32, coordinate: UInt32?, normal: UInt32?)

    struct Faces {
        var triangles: [Mesh.Triangle] = []
        var coordinates: [UInt32] = []
        var normals: [UInt32] = []
        /// Whether every corner so far had one.
        var hasCoordinates = true
        var hasNormals = true

        mutating func add(_ a: Corner, _ b: Corner, _ c: Corner) {
            triangles.append(Mesh.Triangle(a.position, b.position, c.position))
            add(a)
            add(b)
            add(c)
        }

        private mutating func add(_ corner: Corner) {
            coordinates.append(corner.coordinate ?? 0)
            normals.append(corner.normal ?? 0)
            if corner.coordinate == nil { hasCoordinates = false }
            if corner.normal == nil { hasNormals = false }
        }
    }

    var budget: AssetBudget
    var positions: [Mesh.Position] = []
    var coordinates: [Float] = []
    var normals: [Float] = []
    var libraries: [String] = []
    private var part = Part() { didSet { open = nil } }
    /// Where the faces of `part` go: names are long, and not compared for each face.
    private var open: Int?
    private var order: [Part] = []
    private var numbers: [Part: Int] = [:]
    private var faces: [Faces] = []

    init(budget: AssetBudget) { self.budget = budget }

    mutating func read(_ line: ArraySlice<UInt8>, _ number: Int) throws(AssetError) {
        let words = line.split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
        guard let keyword = words.first else { return }
        switch String(decoding: keyword, as: UTF8.self) {
        case "v":
            let values = try floats(words.dropFirst(), 3, number)
            try budget.pay(1, of: MemoryLayout<Mesh.Position>.size, at: "line \(number)")
            positions.append(Mesh.Position(values[0], values[1], values[2]))
        case "vt":
            try budget.pay(8, at: "line \(number)")
            let values = try floats(words.dropFirst(), 1, number)
            coordinates += [values[0], values.count > 1 ? values[1] : 0]
        case "vn":
            try budget.pay(12, at: "line \(number)")
            normals += try floats(words.dropFirst(), 3, number).prefix(3)
        case "f": try face(words.dropFirst(), number)
        case "o", "g": part.object = try name(words, number)
        case "usemtl": part.material = try name(words, number)
        case "mtllib":
            try budget.pay(line.count, at: "line \(number)")
            libraries.append(String(decoding: Array(words.dropFirst().joined(separator: [0x20])), as: UTF8.self))
        default: break
        }
    }

    private func name(_ words: [ArraySlice<UInt8>], _ line: Int) throws(AssetError) -> [UInt8] {
        let name = Array(words.dropFirst().joined(separator: [0x20]))
        guard name.count <= OBJAsset.maximumNameBytes else { throw .invalid([AssetIssue(.provSyntax, "line \(line)")]) }
        return name
    }

    private func floats(
        _ words: ArraySlice<ArraySlice<UInt8>>, _ minimum: Int, _ line: Int
    ) throws(AssetError) -> [Float] {
        guard words.count >= minimum else { throw .invalid([AssetIssue(.provSyntax, "line \(line)")]) }
        var values: [Float] = []
        for word in words.prefix(3) {
            guard let value = TextLines.float(word) else { throw .invalid([AssetIssue(.provSyntax, "line \(line)")]) }
            guard value.isFinite else { throw .invalid([AssetIssue(.provNotFinite, "line \(line)")]) }
            values.append(value)
        }
        return values
    }

    private mutating func face(_ words: ArraySlice<ArraySlice<UInt8>>, _ line: Int) throws(AssetError) {
        guard words.count >= 3 else { throw .invalid([AssetIssue(.provSyntax, "line \(line)")]) }
        try budget.pay(words.count, of: 48, at: "line \(line)")
        let index = try current()
        var first: Corner?
        var previous: Corner?
        for word in words {
            let corner = try corner(word, line)
            if let first {
                if let previous { faces[index].add(first, previous, corner) }
                previous = corner
            } else {
                first = corner
            }
        }
    }

    private func corner(_ word: ArraySlice<UInt8>, _ line: Int) throws(AssetError) -> Corner {
        let slash = UInt8(ascii: "/")
        let first = word.firstIndex(of: slash) ?? word.endIndex
        let rest = word[first...].dropFirst()
        let second = rest.firstIndex(of: slash) ?? rest.endIndex
        let (middle, last) = (rest[..<second], rest[second...].dropFirst())
        guard !last.contains(slash) else { throw .invalid([AssetIssue(.provSyntax, "line \(line)")]) }
        return (
            try index(word[..<first], positions.count, line),
            middle.isEmpty ? nil : try index(middle, coordinates.count / 2, line),
            last.isEmpty ? nil : try index(last, normals.count / 3, line)
        )
    }

    private mutating func current() throws(AssetError) -> Int {
        if let open { return open }
        if let known = numbers[part] {
            open = known
            return known
        }
        try budget.pay(1, of: OBJAsset.maximumNameBytes, at: "parts")
        let number = faces.count
        numbers[part] = number
        order.append(part)
        faces.append(Faces())
        open = number
        return number
    }

    private func index(_ word: ArraySlice<UInt8>, _ count: Int, _ line: Int) throws(AssetError) -> UInt32 {
        guard let value = TextLines.integer(word) else {
            throw .invalid([AssetIssue(.provSyntax, "line \(line)")])
        }
        // `-value` of the smallest integer does not exist; it is out of range as well.
        let position = value > 0 ? value - 1 : value < 0 && value >= -count ? count + value : -1
        guard position >= 0, position < count, let index = UInt32(exactly: position) else {
            throw .invalid([AssetIssue(.provIndexOutOfRange, "line \(line)")])
        }
        return index
    }

    func meshes() -> [Mesh] {
        zip(order, faces).map { part, faces in
            var mesh = Mesh(
                positions: positions, triangles: faces.triangles,
                material: part.material.isEmpty ? nil : String(decoding: part.material, as: UTF8.self))
            if faces.hasCoordinates {
                mesh.attributes.append(
                    .init(name: "TEXCOORD_0", width: 2, values: coordinates, indices: faces.coordinates))
            }
            if faces.hasNormals {
                mesh.attributes.append(.init(name: "NORMAL", width: 3, values: normals, indices: faces.normals))
            }
            return mesh
        }
    }
}
