import Foundation
import ProvChain
import Testing

@testable import ProvNode

@Suite struct PruningTests {
    private func plan(_ home: NodeHome, later: Double = 0, _ policy: Pruning.Policy) throws -> [Pruning.Item] {
        try Pruning(home: home, policy: policy).plan(now: Date(timeIntervalSinceNow: later))
    }

    private func apply(_ home: NodeHome, _ items: [Pruning.Item]) throws {
        try Pruning(home: home, policy: .init()).apply(items) { _, _ in }
    }

    /// Every byte of the log.
    private func log(_ home: NodeHome) throws -> [String: Data] {
        let folder = home.path + "/log"
        return try FileManager.default.subpathsOfDirectory(atPath: folder).reduce(into: [:]) { files, name in
            if name != "lock" { files[name] = FileManager.default.contents(atPath: folder + "/" + name) }
        }
    }

    @Test func onlyOldAttachmentsWithoutAStatementAreUnreferenced() async throws {
        let busy = try await BusyHome(works: 3)
        try await busy.chain.reopen { home in
            let stray = try AttachmentStore(path: home.attachments, quota: .max).put([1, 2, 3, 4])
            var policy = Pruning.Policy()
            policy.removesUnreferenced = true
            #expect(try plan(home, policy) == [], "within the hour it may belong to a statement on its way")
            let before = try log(home)
            let items = try plan(home, later: 4_000, policy)
            #expect(
                items == [.init(kind: .attachment, name: stray.hex, bytes: 4, reason: "no statement refers to it")])
            let folder = AttachmentFolder(path: home.attachments)
            let count = try folder.hashes().count
            try apply(home, items)
            #expect(try folder.hashes().count == count - 1 && folder.get(stray) == nil)
            #expect(try log(home) == before)
            #expect(try BusyHome.verify(home).verified)
        }
    }

    @Test func aPolicyRemovesByAgeOfTheNewestStatement() async throws {
        let busy = try await BusyHome(works: 2)
        try await busy.chain.reopen { home in
            var policy = Pruning.Policy()
            policy.referencedBefore = WallClock.now() - 3_600_000
            #expect(try plan(home, policy) == [])
            policy.referencedBefore = WallClock.now() + 3_600_000
            let items = try plan(home, policy)
            #expect(items.count == 4 && items.allSatisfy { $0.reason == "all its statements are older" })
            try apply(home, items)
            #expect(try AttachmentFolder(path: home.attachments).hashes() == [])
            #expect(try BusyHome.verify(home).verified)
        }
        #expect(try await busy.chain.node.search("barrel", limit: 10, after: nil).works == [])
    }

    @Test func aTakedownRemovesBytesAndWordsAndNoProof() async throws {
        let busy = try await BusyHome(works: 2)
        let metadata = WorkMetadata(title: "Barrel 1 木桶").cbor
        let hash = SHA256.hash(metadata)
        // A word that no other title has, so that the full-text index spells it out.
        let (statement, attachments, _) = try busy.chain.registration(of: [1], title: "Zyxwvutsrq", by: busy.owner)
        _ = try await busy.chain.submit(statement, attachments)
        let rare = SHA256.hash(attachments[1])
        try await busy.chain.reopen { home in
            let before = try log(home)
            var policy = Pruning.Policy()
            func index() throws -> Data { try #require(FileManager.default.contents(atPath: home.indexDatabase)) }
            func has(_ text: String) throws -> Bool { try index().range(of: Data(text.utf8)) != nil }
            #expect(try has("Barrel 1 ") && has("Barrel 0 ") && has("Zyxwvutsrq") && has("zyxwvutsrq"))
            policy.takenDown = [hash, rare]
            let items = try plan(home, policy)
            #expect(
                items.sorted { $0.bytes > $1.bytes } == [
                    .init(kind: .attachment, name: hash.hex, bytes: metadata.count, reason: "taken down"),
                    .init(kind: .attachment, name: rare.hex, bytes: attachments[1].count, reason: "taken down"),
                ])
            try apply(home, items)
            #expect(try log(home) == before)
            // Nothing of the words is left in the file, not even in free space, nor in a log beside it.
            #expect(try !has("Barrel 1 ") && has("Barrel 0 ") && !has("Zyxwvutsrq") && !has("zyxwvuts"))
            #expect(!FileManager.default.fileExists(atPath: home.indexDatabase + "-wal"))
            policy.takenDown = [SHA256.hash([0])]
            #expect(throws: NodeCommandError.self) { try plan(home, policy) }
            #expect(try BusyHome.verify(home).verified)
        }
        let node = busy.chain.node
        #expect(try await node.search("barrel", limit: 10, after: nil).works.map(\.title) == ["Barrel 0 木桶"])
        let bundle = try Bundle(cbor: try #require(try await node.bundle(.work(busy.works[1]))))
        #expect(bundle.check(against: busy.chain.founding.file).verified)
    }

    /// Otherwise whoever uploads the bytes again would make them public.
    @Test func whatIsRestrictedStaysSo() async throws {
        let busy = try await BusyHome(works: 1)
        let bytes = try await busy.registerRestricted("Unspeakable")
        let hash = SHA256.hash(bytes[0])
        try await busy.chain.reopen { home in
            var policy = Pruning.Policy()
            policy.referencedBefore = WallClock.now() + 3_600_000
            policy.removesUnreferenced = true
            policy.compactsIndex = true
            try apply(home, try plan(home, later: 4_000, policy))
            let folder = AttachmentFolder(path: home.attachments)
            #expect(try folder.hashes() == [] && folder.restricted() == bytes.map { SHA256.hash($0) }.sorted())
        }
        let node = busy.chain.node
        try await node.store(attachment: bytes[0], hash: hash, dataClass: .public)
        #expect(try await node.attachment(hash) == nil)
    }

    @Test func theIndexLosesWordsWithoutBytesAndLeftovers() async throws {
        let busy = try await BusyHome(works: 2)
        try await busy.chain.reopen { home in
            let hash = SHA256.hash(WorkMetadata(title: "Barrel 0 木桶").cbor)
            try AttachmentStore(path: home.attachments, quota: .max).remove(hash)
            _ = FileManager.default.createFile(atPath: home.indexDatabase + ".new", contents: Data([1, 2]))
            var policy = Pruning.Policy()
            policy.compactsIndex = true
            let items = try plan(home, policy)
            #expect(items.map(\.kind).prefix(2) == [.leftover, .words] && items.map(\.bytes).first == 2)
            try apply(home, items)
            #expect(!FileManager.default.fileExists(atPath: home.indexDatabase + ".new"))
            #expect(try plan(home, policy).filter { $0.kind != .space } == [])
            #expect(try BusyHome.verify(home).verified)
        }
    }

    @Test func theNewestBackupsStayAndStrangeFoldersToo() async throws {
        var busy = try await BusyHome(works: 1)
        let folder = try TestFolder()
        for number in 0..<4 {
            try await busy.register(10 + number)
            _ = try HomeBackup(
                home: busy.home, genesis: try busy.home.loadGenesis(), target: folder.file("b\(9 - number)"),
                withKeys: false
            ).run(now: UInt64(number)) { _, _, _ in }
        }
        try FileManager.default.createDirectory(atPath: folder.file("holiday"), withIntermediateDirectories: true)
        var policy = Pruning.Policy()
        policy.backups = (folder.path, 2)
        // While the node runs: backups are not its own.
        let items = try plan(busy.home, policy)
        #expect(items.map(\.name) == [folder.file("b8"), folder.file("b9")])
        #expect(items.allSatisfy { $0.bytes > 0 })
        try apply(busy.home, items)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["b6", "b7", "holiday"])
        policy = .init()
        policy.removesUnreferenced = true
        let error = #expect(throws: NodeCommandError.self) {
            try apply(busy.home, [.init(kind: .attachment, name: SHA256.hash([1]).hex, bytes: 1, reason: "")])
        }
        #expect(error?.code == 75)
    }
}
