import Glibc
import ProvChain

/// A file that is a 3D model by its name, with what is inside it.
struct Model {
    /// As in the manifest.
    let path: String
    let fingerprint: AssetFingerprint

    /// Larger files are registered by their bytes: decoding needs all of a file in memory.
    static let maximumBytes: UInt64 = 1 << 29

    /// Why the file has no components; `nil` if it has all there are.
    func reason(in language: Language) -> String? {
        switch fingerprint.structure {
        case .verified: nil
        case .notVerified(let reasons): reasons.map(Self.text).joined(separator: ", ")
        case .unknownFormat: Catalogue.Notice.unknownFormat.phrase.text(in: language)
        case .invalid(let issues):
            issues.filter(\.code.blocksDecoding).prefix(3).map { "\($0.code.rawValue) \($0.pointer)" }
                .joined(separator: ", ")
        case .overBudget(let needed, let remaining):
            Catalogue.Notice.modelTooLarge.phrase.text(
                in: language, ["size": "\(needed)", "limit": "\(remaining)"])
        }
    }

    /// One word for programs.
    var structure: String {
        switch fingerprint.structure {
        case .verified: "verified"
        case .notVerified: "not-verified"
        case .unknownFormat: "unknown-format"
        case .invalid: "invalid"
        case .overBudget: "over-budget"
        }
    }

    /// Why it has no components, for programs: names of extensions, codes of issues. Empty if it was verified.
    var reasons: [String] {
        switch fingerprint.structure {
        case .verified: []
        case .notVerified(let reasons): reasons.map(Self.text)
        case .unknownFormat: ["unknown format"]
        case .invalid(let issues):
            Array(issues.filter(\.code.blocksDecoding).prefix(3).map(\.code.rawValue))
        case .overBudget(let needed, let remaining): ["\(needed) bytes of \(remaining)"]
        }
    }

    /// How far the inside of the file is known.
    var structureDocument: JSONValue {
        .object([
            "path": .string(path), "structure": .string(structure), "reasons": .array(reasons.map { .string($0) }),
            "components": .number(Int64(fingerprint.components.count)),
        ])
    }

    private static func text(_ reason: GLTFAsset.Unverified) -> String {
        switch reason {
        case .requiredExtension(let name), .compressedGeometry(let name): name
        case .absentBytes: "absent bytes"
        case .unknownMode(let mode): "mode \(mode)"
        case .tooManyComponents(let count): "\(count) components"
        }
    }

    static func line(_ component: AssetComponent, after prefix: String = "") -> Console.Line {
        let name = component.name ?? component.place
        return Console.Line("\(prefix)\(component.kind.rawValue)  \(component.hash.hex)  \(name)")
    }

    func document(_ component: AssetComponent) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(component.kind.rawValue), "hash": .string(component.hash.hex), "path": .string(path),
            "place": .string(component.place),
        ]
        if let name = component.name { members["name"] = .string(name) }
        if let mesh = component.mesh {
            members["triangles"] = .number(Int64(fingerprint.meshes[mesh].triangles.count))
        }
        return .object(members)
    }
}

extension Asset {
    /// Every 3D model of a listing, those of formats that are not read here too. A `.gltf` finds its buffers and
    /// textures among the files of the listing only.
    static func models(_ listing: FileListing) throws(CLIError) -> [Model] {
        var budget = AssetBudget(fileBytes: Int(clamping: listing.totalSize))
        var models: [Model] = []
        // By bytes, as a file system names them: to `String`, two names can be equal that are not the same.
        let places = Dictionary(
            listing.entries.map { (Array($0.path.utf8), $0) }, uniquingKeysWith: { first, _ in first })
        for entry in listing.entries {
            let isRead = try isRead(entry)
            guard isRead || MediaType.isModel(entry.path) else { continue }
            let folder = entry.path.split(separator: "/").dropLast().joined(separator: "/")
            models.append(
                try model(entry, &budget) { path in
                    places[Array((folder.isEmpty ? path : "\(folder)/\(path)").utf8)]
                })
        }
        return models
    }

    /// Whether a file is of a format that is read here: by its name, or because it begins like a GLB.
    private static func isRead(_ entry: FileListing.Entry) throws(CLIError) -> Bool {
        if AssetFingerprint.Format(name: entry.path, bytes: []) != nil { return true }
        var start = [UInt8](repeating: 0, count: 4)
        guard entry.snapshot.size >= UInt64(start.count) else { return false }
        var file = try OpenFile(entry)
        var failure: CLIError?
        let count = start.withUnsafeMutableBytes { memory in
            do throws(CLIError) { return try file.read(into: memory) } catch {
                failure = error
                return 0
            }
        }
        if let failure { throw failure }
        return AssetFingerprint.Format(name: entry.path, bytes: Array(start[..<count])) != nil
    }

    /// One file, with the files beside it that it names.
    static func model(_ path: String) throws(CLIError) -> Model {
        let listing = try FileListing(path)
        guard listing.entries.count == 1, let entry = listing.entries.first else {
            throw .failed(.notRegular, ["path": path])
        }
        var budget = AssetBudget(fileBytes: Int(clamping: entry.snapshot.size))
        let folder = entry.location.split(separator: "/").dropLast().joined(separator: "/")
        return try model(entry, &budget) { name in
            // A link may not lead out of the folder.
            let location = "/\(folder)/\(name)"
            guard let info = try? FileListing.information(location), !info.isFolder,
                let file = (try? FileListing(location))?.entries.first, file.location.hasPrefix("/\(folder)/")
            else { return nil }
            return file
        }
    }

    private static func model(
        _ entry: FileListing.Entry, _ budget: inout AssetBudget,
        _ find: @escaping (String) -> FileListing.Entry?
    ) throws(CLIError) -> Model {
        guard try isRead(entry) else {
            return Model(path: entry.path, fingerprint: .unknownFormat)
        }
        guard entry.snapshot.size <= Model.maximumBytes else {
            let size = Int(clamping: entry.snapshot.size)
            return Model(
                path: entry.path, fingerprint: .tooLarge(needed: size, limit: Int(Model.maximumBytes)))
        }
        let bytes = try content(entry)
        let fingerprint = AssetFingerprint.read(
            bytes: bytes, name: entry.path,
            resolve: { path, maximum in
                guard let file = find(path), file.snapshot.size <= UInt64(clamping: maximum) else { return nil }
                return try? content(file)
            }, budget: &budget)
        return Model(path: entry.path, fingerprint: fingerprint)
    }

    private static func content(_ entry: FileListing.Entry) throws(CLIError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(entry.snapshot.size))
        try read(entry, nil) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
