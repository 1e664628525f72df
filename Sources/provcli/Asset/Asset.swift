import Glibc
import ProvChain

/// A file or folder, read once in bounded memory, as its manifest and the hashes that claim it.
struct Asset {
    let manifest: Manifest
    let manifestBytes: [UInt8]
    /// What is inside each file that is a 3D model, by its path.
    let models: [Model]
    /// What each of them looks like, by its path.
    let prints: [(path: String, prints: AssetPrints)]
    /// Ascending; see ``Asset/distinctive(_:_:)``.
    let distinctive: [Digest]

    /// Smaller files are shared by unrelated works, such as an empty material.
    static let leastDistinctiveBytes: UInt64 = 64
    private static let chunkBytes = 1 << 20

    var mainFile: Manifest.File { manifest.files[0] }

    var content: VersionContent {
        VersionContent(
            manifestRoot: manifest.root, manifest: AttachmentReference(to: manifestBytes),
            mediaType: mainFile.mediaType, size: manifest.totalSize, distinctive: distinctive)
    }

    /// Reads everything.
    ///
    /// - Parameters:
    ///   - main: the path of the main file in a folder; else the most likely one is taken.
    ///   - words: title and description, for the ISCC's Meta-Code.
    init(
        _ path: String, main: String?, words: (title: String, description: String?)? = nil, console: Console
    ) throws(CLIError) {
        let listing = try FileListing(path)
        if listing.hidden > 0 { console.notice(.hiddenFilesLeftOut, ["count": "\(listing.hidden)"]) }
        guard listing.totalSize <= Limits.exactInteger else {
            throw .failed(
                .fileTooLarge,
                ["path": path, "size": "\(listing.totalSize)", "limit": "\(Limits.exactInteger)"])
        }
        let title = Catalogue.Notice.reading.phrase.text(in: console.language)
        let progress = ProgressBar(title, total: listing.totalSize)
        defer { progress.finish() }
        var files: [Manifest.File] = []
        var digests: [String: FileDigests] = [:]
        for entry in listing.entries {
            let found = try Self.digests(entry, progress)
            digests[entry.path] = found
            files.append(
                Manifest.File(
                    path: entry.path, mediaType: MediaType.of(entry.path), size: entry.snapshot.size,
                    sha256: found.sha256))
        }
        var models = try Self.models(listing)
        // A file that changed after it was read would make a set that never existed together.
        for entry in listing.entries {
            let info = try FileListing.information(entry.location)
            guard FileListing.Snapshot(info) == entry.snapshot else {
                throw .failed(.fileChanged, ["path": entry.path])
            }
        }
        let ordered = try Self.mainFirst(files, main)
        if !models.contains(where: { $0.path == ordered[0].path }) {
            // Whatever the asset is about is known by its bytes only, and that is said.
            models.insert(Model(path: ordered[0].path, fingerprint: .unknownFormat), at: 0)
        }
        try self.init(ordered, models, codes: Self.codes(digests[ordered[0].path], words))
        for model in models {
            guard let reason = model.reason(in: console.language) else { continue }
            console.notice(.structureNotVerified, ["path": model.path, "reason": reason])
        }
        if files.count > Limits.distinctiveComponents {
            console.notice(
                .distinctiveLimited, ["count": "\(files.count)", "limit": "\(Limits.distinctiveComponents)"])
        }
    }

    private init(_ files: [Manifest.File], _ models: [Model], codes: [Manifest.Code]) throws(CLIError) {
        let leaves = models.flatMap { $0.fingerprint.components.map(\.leaf) }
        let prints = models.map { ($0.path, $0.prints()) }
        let manifest = Manifest(
            files: files, components: leaves.count <= Limits.manifestLeaves ? leaves : [],
            prints: Manifest.prints(of: prints.map(\.1)), codes: codes)
        self.manifest = manifest
        self.models = models
        self.prints = prints
        manifestBytes = manifest.cbor
        distinctive = Self.distinctive(manifest.files, models)
        guard manifestBytes.count <= Limits.attachmentBytes else {
            throw .failed(
                .tooLong,
                ["field": "manifest", "size": "\(manifestBytes.count)", "limit": "\(Limits.attachmentBytes)"])
        }
    }

    /// The ISCC-CODE of the main file: Data-Code, Instance-Code and, with words, the Meta-Code.
    static func codes(
        _ digests: FileDigests?, _ words: (title: String, description: String?)?
    ) -> [Manifest.Code] {
        guard let digests else { return [] }
        var units = [digests.dataCode(), digests.instanceCode()]
        // A title without letters has no Meta-Code; the code is as good without.
        if let words, let meta = try? ISCCMetaCode(title: words.title, description: words.description ?? "") {
            units.append(meta.unit())
        }
        return (try? ISCCCode(units)).map { [Manifest.Code(scheme: Manifest.isccScheme, value: $0.text)] } ?? []
    }

    /// The main file, then the others by path.
    private static func mainFirst(_ files: [Manifest.File], _ main: String?) throws(CLIError) -> [Manifest.File] {
        let index: Int?
        if let main {
            index = files.firstIndex { $0.path == main }
            guard index != nil else { throw .failed(.mainFileMissing, ["path": main]) }
        } else {
            index = files.indices.min { a, b in
                let (a, b) = (files[a], files[b])
                let (rankA, rankB) = (MediaType.mainRank(a.path), MediaType.mainRank(b.path))
                if rankA != rankB { return rankA < rankB }
                let (depthA, depthB) = (a.path.utf8.count { $0 == 0x2f }, b.path.utf8.count { $0 == 0x2f })
                if depthA != depthB { return depthA < depthB }
                return a.path.utf8.lexicographicallyPrecedes(b.path.utf8)
            }
        }
        guard let index else { return files }
        var ordered = files
        let first = ordered.remove(at: index)
        return [first] + ordered
    }

    /// The hashes to claim: of the main file, of the distinctive shapes with the most triangles, and of the largest other files,
    /// without trivially small ones.
    private static func distinctive(_ files: [Manifest.File], _ models: [Model]) -> [Digest] {
        var chosen: Set<Digest> = []
        if files[0].size >= leastDistinctiveBytes { chosen.insert(files[0].sha256) }
        let shapes = models.flatMap { $0.fingerprint.distinctiveShapes() }
        for shape in shapes.sorted(by: { ($1.triangles, $0.hash) < ($0.triangles, $1.hash) })
        where chosen.count < Limits.distinctiveComponents {
            chosen.insert(shape.hash)
        }
        for file in files.dropFirst().sorted(by: { ($1.size, $0.path) < ($0.size, $1.path) })
        where file.size >= leastDistinctiveBytes && chosen.count < Limits.distinctiveComponents {
            chosen.insert(file.sha256)
        }
        return chosen.sorted()
    }

    /// Hands over the content of one file as it was listed, piece by piece.
    static func read(
        _ entry: FileListing.Entry, _ progress: ProgressBar?, _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(CLIError) {
        var file = try OpenFile(entry)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 64)
        defer { memory.deallocate() }
        while true {
            let count = try file.read(into: memory)
            if count == 0 { return }
            take(UnsafeRawBufferPointer(rebasing: memory[..<count]))
            progress?.advance(UInt64(count))
        }
    }

    /// SHA-256, BLAKE3 and the ISCC of one file as it was listed, in one pass.
    private static func digests(_ entry: FileListing.Entry, _ progress: ProgressBar) throws(CLIError) -> FileDigests {
        var file = try OpenFile(entry)
        return try FileDigests.reading { (memory) throws(CLIError) in
            let count = try file.read(into: memory)
            progress.advance(UInt64(count))
            return count
        }
    }

    /// SHA-256 and size of one file, for comparisons.
    static func fingerprint(_ path: String, console: Console) throws(CLIError) -> FileAtHand {
        var hash = SHA256()
        var size: UInt64 = 0
        try one(path, console: console) { (entry, progress) throws(CLIError) in
            try read(entry, progress) { hash.update($0) }
            size = entry.snapshot.size
        }
        return FileAtHand(sha256: hash.finalize(), size: size)
    }

    /// SHA-256, BLAKE3 and the ISCC of one file, in one pass.
    static func digests(_ path: String, console: Console) throws(CLIError) -> FileDigests {
        try one(path, console: console) { (entry, progress) throws(CLIError) in try digests(entry, progress) }
    }

    private static func one<Result>(
        _ path: String, console: Console,
        _ body: (FileListing.Entry, ProgressBar) throws(CLIError) -> Result
    ) throws(CLIError) -> Result {
        let listing = try FileListing(path)
        guard listing.entries.count == 1, let entry = listing.entries.first else {
            throw .failed(.notRegular, ["path": path])
        }
        let title = Catalogue.Notice.reading.phrase.text(in: console.language)
        let progress = ProgressBar(title, total: listing.totalSize)
        defer { progress.finish() }
        return try body(entry, progress)
    }
}
