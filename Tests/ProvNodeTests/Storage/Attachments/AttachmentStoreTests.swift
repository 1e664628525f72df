import Foundation
import ProvChain
import Testing

@testable import ProvNode

struct AttachmentStoreTests {
    private let folder: TestFolder
    private var path: String { folder.file("attachments") }

    init() throws { folder = try TestFolder() }

    private func store(quota: Int = 1 << 20) throws -> AttachmentStore {
        try AttachmentStore(path: path, quota: quota)
    }

    private func file(_ hash: Digest) -> String { path + "/" + hash.hex.prefix(2) + "/" + hash.hex.dropFirst(2) }

    @Test func bytesAreKeptUnderTheirHash() throws {
        let store = try store()
        let hash = try store.put(Array("abc".utf8))
        // FIPS 180-2, appendix B.1.
        #expect(hash.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(FileManager.default.contents(atPath: file(hash)) == Data("abc".utf8))
        #expect(try store.get(hash) == Array("abc".utf8))
        #expect(try store.contains(hash))
        let attributes = try FileManager.default.attributesOfItem(atPath: file(hash))
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o640)
    }

    @Test func whatIsNotThereIsNil() throws {
        let store = try store()
        #expect(try store.get(.zero) == nil)
        #expect(try !store.contains(.zero))
        #expect(try !store.remove(.zero))
    }

    @Test func storingAgainChangesNothing() throws {
        let store = try store()
        let hash = try store.put([1, 2, 3])
        #expect(try store.put([1, 2, 3]) == hash)
        #expect(store.usedBytes == 3)
    }

    @Test func sizesAreCountedAgainWhenOpened() throws {
        let hash = try store().put([1, 2, 3])
        try store().put([4, 5])
        let reopened = try store()
        #expect(reopened.usedBytes == 5)
        #expect(try reopened.remove(hash))
        #expect(reopened.usedBytes == 2)
        #expect(try reopened.get(hash) == nil)
        #expect(try store().usedBytes == 2)
    }

    @Test func whatACrashLeftUnfinishedIsRemoved() throws {
        let hash = try store().put([1, 2, 3])
        let unfinished = path + "/" + hash.hex.prefix(2) + "/tmp-" + hash.hex
        #expect(FileManager.default.createFile(atPath: unfinished, contents: Data([1, 2])))
        #expect(try store().usedBytes == 3)
        #expect(!FileManager.default.fileExists(atPath: unfinished))
    }

    @Test(arguments: [Data([1, 2, 4]), Data([1, 2]), Data(), Data([1, 2, 3, 0])])
    func aDamagedFileIsAnErrorUntilItIsStoredAgain(bytes: Data) throws {
        let hash = try store().put([1, 2, 3])
        try bytes.write(to: URL(fileURLWithPath: file(hash)))
        let reopened = try store()
        #expect(throws: AttachmentError.damaged(file: file(hash), hash: hash)) { try reopened.get(hash) }
        try reopened.put([1, 2, 3])
        #expect(try reopened.get(hash) == [1, 2, 3])
        #expect(reopened.usedBytes == 3)
    }

    @Test func theQuotaIsKept() throws {
        let store = try store(quota: 10)
        let first = try store.put([UInt8](repeating: 1, count: 6))
        #expect(throws: AttachmentError.quotaExceeded(usedBytes: 6, neededBytes: 5, quotaBytes: 10)) {
            try store.put([UInt8](repeating: 2, count: 5))
        }
        try store.put([UInt8](repeating: 3, count: 4))
        // What is there already needs no room.
        try store.put([UInt8](repeating: 1, count: 6))
        try store.remove(first)
        try store.put([UInt8](repeating: 2, count: 5))
        #expect(store.usedBytes == 9)
    }

    @Test func sizesAreBounded() throws {
        let store = try store(quota: 1 << 30)
        #expect(throws: AttachmentError.empty) { try store.put([]) }
        let limit = Limits.attachmentBytes
        #expect(throws: AttachmentError.tooLarge(bytes: limit + 1, limit: limit)) {
            try store.put([UInt8](repeating: 0, count: limit + 1))
        }
        let largest = try store.put([UInt8](repeating: 7, count: limit))
        #expect(try store.get(largest)?.count == limit)
    }

    @Test func manyWritersOfTheSameBytesCountThemOnce() async throws {
        let store = try store()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<64 {
                group.addTask { try store.put([UInt8(number % 8), 9]) }
            }
            try await group.waitForAll()
        }
        #expect(store.usedBytes == 16)
        #expect(try self.store().usedBytes == 16)
    }
}
