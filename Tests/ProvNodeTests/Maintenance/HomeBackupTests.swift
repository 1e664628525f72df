import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

@Suite struct HomeBackupTests {
    private func backup(_ home: NodeHome, to folder: String, keys: Bool = false) throws -> BackupManifest {
        try HomeBackup(home: home, genesis: try home.loadGenesis(), target: folder, withKeys: keys)
            .run(now: 1_800_000_000_000) { _, _, _ in }
    }

    private func restore(_ folder: String, to home: String) throws -> Restoration.Result {
        try Restoration(source: folder, home: NodeHome(home)).run { _, _, _ in }
    }

    /// Statements are acknowledged before, during and after the copying. Those up to the backup's tip, and no
    /// others, are in the home that is restored from it, at the same place.
    @Test func aBackupUnderLoadHasEverythingUpToItsTip() async throws {
        var busy = try await BusyHome(works: 20)
        let folder = try TestFolder()
        let (home, path) = (busy.home, folder.path)
        async let copying = Task.detached { [self] in
            try (0..<3).map { try backup(home, to: path + "/copy\($0)") }
        }.value
        var acknowledged: [StatementView] = []
        for number in 100..<160 { acknowledged.append(try await busy.register(number)) }
        let manifests = try await copying
        for number in 200..<205 { acknowledged.append(try await busy.register(number)) }

        for (number, manifest) in manifests.enumerated() {
            let heights = [manifest.stateHeight ?? 0, manifest.indexHeight ?? 0, manifest.tip.height]
            #expect(heights == heights.sorted())
            let target = folder.file("home\(number)")
            let result = try restore(folder.file("copy\(number)"), to: target)
            #expect(result.manifest == manifest && result.verification.verified)
            let log = try LogReader.open(at: target)
            #expect(log.height == manifest.tip.height && log.extent.root.hex == manifest.tip.root)
            for view in acknowledged {
                let leaf = try #require(view.leafIndex)
                let height = try #require(view.height)
                #expect((leaf < log.size) == (height <= manifest.tip.height))
                guard leaf < log.size else { continue }
                #expect(MerkleHash.leaf(try log.entry(leaf)).hex == view.leafHash)
            }
        }
        let newest = try #require(acknowledged.last?.height)
        #expect(newest > manifests[2].tip.height)
    }

    @Test func itIsALogThatANodeGoesOnWith() async throws {
        let busy = try await BusyHome(works: 3)
        let folder = try TestFolder()
        let manifest = try backup(busy.home, to: folder.file("copy"), keys: true)
        #expect(manifest.hasKeys && manifest.files.contains { $0.path == "keys/vote.key" })
        let target = NodeHome(folder.file("home"))
        _ = try restore(folder.file("copy"), to: target.path)
        let keys = try FileManager.default.attributesOfItem(atPath: target.key("vote"))
        #expect(keys[.posixPermissions] as? Int == 0o600)

        let log = try LogStore.open(at: target.path)
        let copied = try LogReader.open(at: folder.file("copy")).extent
        #expect(log.extent == copied)
        try log.reader.verifyAll()
        try log.close()
        let again = try BusyHome.verify(target)
        #expect(again.verified, "\(again.checks)")
    }

    @Test func keysStayOutUnlessAskedFor() async throws {
        let busy = try await BusyHome(works: 1)
        let folder = try TestFolder()
        let manifest = try backup(busy.home, to: folder.file("copy"))
        #expect(!manifest.hasKeys && !FileManager.default.fileExists(atPath: folder.file("copy/keys")))
        #expect(manifest.files.map(\.path) == manifest.files.map(\.path).sorted())
    }

    /// Restricted stays restricted, also where the bytes are not here any more, and who read it is not forgotten.
    @Test func whatIsRestrictedComesBackRestricted() async throws {
        let busy = try await BusyHome(works: 2)
        let (chain, audience) = (busy.chain, "http://node.example")
        let hashes = try await busy.registerRestricted("Unspeakable").map { SHA256.hash($0) }
        let now = WallClock.now() / 1_000
        let token = ReadToken.signed(
            ReadToken.Claims(
                chain: chain.chain, party: busy.owner.party, audience: audience, issuedAt: now, expiry: now + 300,
                nonce: SystemRandom.bytes(16)),
            by: busy.owner.key)
        for _ in 0..<3 {
            let audiences = Audiences(publicURL: audience)
            #expect(try await chain.node.read(attachment: hashes[0], token: token.text, at: audiences) != nil)
        }
        try AttachmentStore(path: busy.home.attachments, quota: .max).remove(hashes[1])
        let folder = try TestFolder()
        let manifest = try backup(busy.home, to: folder.file("copy"), keys: true)
        #expect(manifest.files.filter { $0.path.hasSuffix(".restricted") && $0.bytes == 0 }.count == 2)
        let home = NodeHome(folder.file("home"))
        let result = try restore(folder.file("copy"), to: home.path)
        #expect(result.verification.verified)

        let attachments = AttachmentFolder(path: home.attachments)
        #expect(try attachments.restricted() == hashes.sorted())
        #expect(try attachments.hashes().contains(hashes[0]) && attachments.getPublic(hashes[0]) == nil)
        #expect(try attachments.get(hashes[1]) == nil)
        let log = try AccessLog.verify(home.accessLog)
        #expect(log.count == 3 && log.head == chain.node.accessLog.head)
        for file in [
            attachments.file(hashes[0]), home.accessLog + "/" + (try AccessLog.segments(home.accessLog)[0].name),
        ] {
            let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
            #expect(mode == 0o640, "\(file)")
        }
        let node = try TestNode.open(home)
        #expect(try await node.attachment(hashes[0]) == nil)
        let error = await #expect(throws: ProblemView.self) {
            _ = try await node.read(attachment: hashes[0], token: nil, at: Audiences(publicURL: audience))
        }
        #expect(error?.rule == "access.token-missing")
        try await node.close()
    }

    @Test func aMissingMarkIsAMissingFile() async throws {
        let busy = try await BusyHome(works: 1)
        let hash = SHA256.hash(try await busy.registerRestricted("Unspeakable")[0])
        let folder = try TestFolder()
        _ = try backup(busy.home, to: folder.file("copy"))
        let mark = folder.file("copy/attachments/\(AttachmentFolder.name(hash)).restricted")
        try FileManager.default.removeItem(atPath: mark)
        #expect(throws: BackupError.fileMissing(mark)) { try restore(folder.file("copy"), to: folder.file("home")) }
    }

    // MARK: What is refused

    @Test func aDamagedOrMissingFileIsNamed() async throws {
        let busy = try await BusyHome(works: 2)
        let folder = try TestFolder()
        let manifest = try backup(busy.home, to: folder.file("copy"), keys: true)
        let paths = manifest.files.map(\.path)
        #expect(paths.contains("index.sqlite") && paths.contains { $0.hasPrefix("attachments/") })
        for path in paths {
            let name = "copy/" + path
            let whole = try folder.read(name)
            var damaged = whole
            damaged[damaged.count / 2] ^= 1
            // Not in place: attachments are hard links to the node's own files.
            try FileManager.default.removeItem(atPath: folder.file(name))
            try folder.write(damaged, name)
            try expectRefusal(folder, naming: path)
            try folder.write(whole.dropLast(), name)
            try expectRefusal(folder, naming: path)
            try FileManager.default.removeItem(atPath: folder.file(name))
            #expect(throws: BackupError.fileMissing(folder.file(name))) {
                try restore(folder.file("copy"), to: folder.file("home"))
            }
            try folder.write(whole, name)
        }
        _ = try restore(folder.file("copy"), to: folder.file("home"))
    }

    private func expectRefusal(_ folder: TestFolder, naming path: String) throws {
        let error = #expect(throws: BackupError.self) { try restore(folder.file("copy"), to: folder.file("home")) }
        guard case .fileDamaged(folder.file("copy/" + path), _)? = error else {
            Issue.record("\(path): \(String(describing: error))")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: folder.file("home")))
        #expect(!FileManager.default.fileExists(atPath: folder.file("home.restoring")))
    }

    @Test func aBackupWithoutItsManifestIsNotOne() async throws {
        let busy = try await BusyHome(works: 1)
        let folder = try TestFolder()
        _ = try backup(busy.home, to: folder.file("copy"))
        try FileManager.default.removeItem(atPath: folder.file("copy/backup.json"))
        #expect(throws: BackupError.incomplete(folder.file("copy"))) {
            try restore(folder.file("copy"), to: folder.file("home"))
        }
    }

    @Test func aManifestCannotChooseOtherPlaces() async throws {
        let busy = try await BusyHome(works: 1)
        let folder = try TestFolder()
        _ = try backup(busy.home, to: folder.file("copy"))
        let text = String(decoding: try folder.read("copy/backup.json"), as: UTF8.self)
        for path in ["../genesis.cbor", "/etc/passwd", "log/../../x", "restored.json", "log//x", "other/x"] {
            let changed = text.replacingOccurrences(of: "\"genesis.cbor\"", with: "\"\(path)\"")
            try folder.write(Data(changed.utf8), "copy/backup.json")
            let error = #expect(throws: BackupError.self) {
                try restore(folder.file("copy"), to: folder.file("home"))
            }
            #expect(error?.description.contains("is not a file of a home") == true, "\(path)")
        }
        try folder.write(
            Data(text.replacingOccurrences(of: "\"format\" : 1", with: "\"format\" : 2").utf8), "copy/backup.json")
        #expect(throws: BackupError.newerFormat(folder.file("copy/backup.json"), found: 2, known: 1)) {
            try restore(folder.file("copy"), to: folder.file("home"))
        }
    }

    @Test func nothingIsWrittenOver() async throws {
        let busy = try await BusyHome(works: 1)
        let folder = try TestFolder()
        _ = try backup(busy.home, to: folder.file("copy"))
        #expect(throws: BackupError.notEmpty(folder.file("copy"))) { try backup(busy.home, to: folder.file("copy")) }
        #expect(throws: BackupError.notEmpty(busy.home.path)) { try restore(folder.file("copy"), to: busy.home.path) }
    }

    @Test func aDamagedAttachmentIsLeftOutAndNamed() async throws {
        let busy = try await BusyHome(works: 2)
        let folder = try TestFolder()
        let attachments = AttachmentFolder(path: busy.home.attachments)
        let hash = try #require(try attachments.hashes().first)
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: attachments.file(hash)))
        let manifest = try backup(busy.home, to: folder.file("copy"))
        #expect(manifest.damagedAttachments == [hash.hex])
        _ = try restore(folder.file("copy"), to: folder.file("home"))
    }

    // MARK: Going on from a backup

    @Test func aRestoredHomeStartsOnlyWhenItsHeightIsNamed() async throws {
        let busy = try await BusyHome(works: 1)
        let folder = try TestFolder()
        let manifest = try backup(busy.home, to: folder.file("copy"))
        let home = NodeHome(folder.file("home"))
        _ = try restore(folder.file("copy"), to: home.path)
        let height = manifest.tip.height
        let mark = RestoredHome(home)
        let error = #expect(throws: BackupError.restoredHome(file: mark.file, height: height)) {
            try mark.check(continueAfter: nil)
        }
        #expect(error?.description.contains("--continue-after \(height)") == true)
        #expect(throws: BackupError.wrongHeight(given: height + 1, restored: height)) {
            try mark.check(continueAfter: height + 1)
        }
        #expect(try mark.check(continueAfter: height))
        try mark.accept()
        #expect(try mark.check(continueAfter: nil) == false)
        #expect(throws: BackupError.nothingRestored) { try mark.check(continueAfter: height) }
        #expect(FileManager.default.fileExists(atPath: home.path + "/restored.accepted.json"))
    }
}
