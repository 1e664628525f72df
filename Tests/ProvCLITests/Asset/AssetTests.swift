import Foundation
import ProvChain
import Testing

@testable import provcli

/// What would be claimed of files at hand: the preview before anything is signed.
@Suite("What is about to be registered") struct AssetTests {
    private let box = """
        v 0 0 0
        v 1 0 0
        v 0 1 0
        f 1 2 3
        """

    private func asset(_ path: String, main: String? = nil) throws -> Asset {
        try Asset(path, main: main, console: .english)
    }

    @Test func aFolderHasItsMainFileFirstAndTheOthersByPath() throws {
        let folder = try CLIFolder()
        try folder.write("# readme", "notes.txt")
        try folder.write(box, "deep/down/chair.obj")
        try folder.write(box + "\n", "b.obj")
        try folder.write(box + "\n\n", "a.obj")
        try folder.write("x", ".hidden")
        let found = try asset(folder.path)
        #expect(found.manifest.files.map(\.path) == ["a.obj", "b.obj", "deep/down/chair.obj", "notes.txt"])
        #expect(found.manifest.files.map(\.mediaType) == ["model/obj", "model/obj", "model/obj", "text/plain"])
        #expect(try asset(folder.path, main: "notes.txt").mainFile.path == "notes.txt")
        #expect(
            CLIError.rule { try asset(folder.path, main: "c.obj") } == Catalogue.Failure.mainFileMissing.rawValue)
    }

    @Test func theSameModelHasTheSameRootUnderAnyNames() throws {
        let (one, two) = (try CLIFolder(), try CLIFolder())
        try one.write(box, "chair.obj")
        try two.write(box, "sub/other.obj")
        #expect(try asset(one.path).manifest.root == asset(two.path).manifest.root)
        #expect(try asset(one.path).manifestBytes != asset(two.path).manifestBytes)
    }

    /// Files that everybody has, such as empty ones, are not worth a claim.
    @Test func smallFilesAndPlainShapesAreNotClaimed() throws {
        let folder = try CLIFolder()
        let large = try folder.write(String(repeating: "# comment\n", count: 20) + box, "large.obj")
        let small = try folder.write("v 0 0 0\n", "small.obj")
        #expect(try asset(large).distinctive == [try asset(large).mainFile.sha256])
        #expect(try asset(small).distinctive == [])
    }

    @Test func filesThatCannotBeRegisteredSayWhy() throws {
        let folder = try CLIFolder()
        let empty = try folder.write("", "empty.obj")
        #expect(CLIError.rule { try asset(empty) } == Catalogue.Failure.fileEmpty.rawValue)
        #expect(CLIError.rule { try asset(folder.file("none.glb")) } == Catalogue.Failure.fileMissing.rawValue)
        let hollow = try CLIFolder()
        #expect(CLIError.rule { try asset(hollow.path) } == Catalogue.Failure.folderEmpty.rawValue)
        try hollow.write(box, "in/a.obj")
        try FileManager.default.createSymbolicLink(
            atPath: hollow.file("in/out"), withDestinationPath: folder.file("empty.obj"))
        #expect(CLIError.rule { try asset(hollow.file("in")) } == Catalogue.Failure.folderLeft.rawValue)
    }

    /// Draco and meshopt: by its bytes only, and the preview has the reason.
    @Test func compressedModelsAreMarkedInThePreview() throws {
        let folder = try CLIFolder()
        for example in try CompressedModels.load() where example.extension != nil {
            let path = try folder.write([UInt8](example.glb), "knot.glb")
            let found = try asset(path)
            let name = try #require(example.extension)
            #expect(found.models.map(\.structure) == ["not-verified"], "\(example.name)")
            let reasons = found.models[0].reasons
            #expect(reasons.first == name, "\(example.name)")
            #expect(
                found.models.map(\.structureDocument) == [
                    .object([
                        "path": .string("knot.glb"), "structure": .string("not-verified"),
                        "reasons": .array(reasons.map { .string($0) }), "components": .number(0),
                    ])
                ])
            for language in Language.allCases {
                #expect(found.models[0].reason(in: language)?.contains(name) == true)
            }
            #expect(found.manifest.components == [] && found.manifest.prints == [])
            #expect(found.distinctive == [found.mainFile.sha256])
        }
    }

    @Test func verifiedModelsHaveNoReason() throws {
        let folder = try CLIFolder()
        let plain = try #require(try CompressedModels.load().first { $0.extension == nil })
        let found = try asset(try folder.write([UInt8](plain.glb), "knot.glb"))
        #expect(found.models[0].structure == "verified" && found.models[0].reasons == [])
        #expect(found.models[0].reason(in: .english) == nil)
        #expect(found.manifest.prints.map(\.algorithm) == [ShapePrint.version])
        let geometry = found.manifest.components.filter { $0.type == "GEO" }.map(\.hash)
        #expect(geometry.count == 1 && Set(geometry).isSubset(of: found.distinctive))
    }

    @Test func brokenAndUnknownFilesAreMarkedToo() throws {
        let folder = try CLIFolder()
        let broken = try asset(try folder.write("hello, I am no model at all", "chair.glb"))
        #expect(broken.models.map(\.structure) == ["invalid"] && broken.models[0].reasons.isEmpty == false)
        let model = try Asset.model(try folder.write("hello", "a.txt"))
        #expect(model.structure == "unknown-format")
    }

    /// Any file is registered by its bytes, and that is said: of the main file, and of every 3D model.
    @Test func formatsThatAreNotReadAreMarked() throws {
        let folder = try CLIFolder()
        let text = try asset(try folder.write(String(repeating: "hello ", count: 30), "song.txt"))
        #expect(text.models.map(\.structure) == ["unknown-format"] && text.models[0].reason(in: .english) != nil)
        #expect(text.manifest.components == [] && text.distinctive == [text.mainFile.sha256])
        let scene = try CLIFolder()
        try scene.write(box, "a.obj")
        try scene.write("Kaydara FBX Binary", "b.fbx")
        try scene.write("notes", "c.txt")
        let found = try asset(scene.path)
        #expect(found.models.map(\.path) == ["b.fbx", "a.obj"] || found.models.map(\.path) == ["a.obj", "b.fbx"])
        #expect(Set(found.models.map(\.structure)) == ["verified", "unknown-format"])
    }

    /// A GLB is one under every name, for what is registered as for what is looked up.
    @Test func aGLBUnderAnotherNameIsRead() throws {
        let folder = try CLIFolder()
        let plain = try #require(try CompressedModels.load().first { $0.extension == nil })
        let path = try folder.write([UInt8](plain.glb), "knot.bin")
        #expect(try asset(path).models.map(\.structure) == ["verified"])
        #expect(try Asset.model(path).structure == "verified")
        #expect(try Asset.model(try folder.write("glTX", "short.bin")).structure == "unknown-format")
        #expect(try Asset.model(try folder.write("gl", "shorter.bin")).structure == "unknown-format")
    }

    /// What looks alike among one's own models is told; the nearest first.
    @Test func lookAlikesAreFoundAmongModelsAtHand() throws {
        let (mine, others) = (try CLIFolder(), try CLIFolder())
        let plain = try #require(try CompressedModels.load().first { $0.extension == nil })
        try others.write([UInt8](plain.glb), "copy.glb")
        try others.write(box, "triangle.obj")
        let found = try LookAlikes(
            of: asset(try mine.write([UInt8](plain.glb), "knot.glb")), among: others.path
        ).found
        #expect(found.map(\.other) == ["copy.glb"])
        #expect(found.first?.comparison.distance == 0)
    }
}
