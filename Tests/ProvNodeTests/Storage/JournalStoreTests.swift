import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// A validator's votes on the disk.
@Suite struct JournalStoreTests {
    private let folder: TestFolder

    init() throws { folder = try TestFolder() }

    private let chain = SHA256.hash([1])
    private let key = SHA256.hash([2])
    private var path: String { folder.path + "/journal" }

    private func vote(epoch: UInt64 = 0, view: UInt64) -> VoteJournal.Record {
        .vote(
            SignedVote(
                Vote(
                    chain: chain, epochRecord: .zero, epoch: epoch, view: view, kind: .nullify, signer: 0,
                    parentView: 0, block: .zero), signature: [UInt8](repeating: 7, count: 64)))
    }

    private func open() throws -> (store: JournalStore, records: [VoteJournal.Record]) {
        guard case .opened(let store, let records) = try JournalStore.open(path, chain: chain, key: key) else {
            throw Lost()
        }
        return (store, records)
    }

    private struct Lost: Error {}

    @Test func whatWasSyncedIsThereAgain() throws {
        try JournalStore.create(path, chain: chain, key: key)
        let store = try open().store
        store.append([vote(view: 1), vote(view: 2)])
        try store.sync()
        // Not synced: nobody may rely on it.
        store.append([vote(view: 3)])
        #expect(try open().records == [vote(view: 1), vote(view: 2)])
    }

    /// Each of the two files is enough, and makes the other one whole.
    @Test(arguments: ["votes-1", "votes-2"]) func oneFileRepairsTheOther(name: String) throws {
        try JournalStore.create(path, chain: chain, key: key)
        let store = try open().store
        store.append((1...20).map { vote(view: $0) })
        try store.sync()
        let file = path + "/" + name
        var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
        for place in stride(from: 40, to: bytes.count, by: 97) { bytes[place] ^= 0x55 }
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        #expect(try open().records == (1...20).map { vote(view: $0) })
        #expect(try open().records.count == 20, "both are whole again")
    }

    /// Both files are written at the same time. What a power cut can tear is the block of the disk that was written
    /// last, in both: no step before it has a byte there.
    @Test func aTornStepTakesNothingFromThoseBefore() throws {
        try JournalStore.create(path, chain: chain, key: key)
        let store = try open().store
        for view: UInt64 in 1...3 {
            store.append([vote(view: view)])
            try store.sync()
        }
        for name in ["votes-1", "votes-2"] {
            let file = path + "/" + name
            var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: file)))
            let block = (bytes.count - 1) / JournalStore.blockBytes * JournalStore.blockBytes
            #expect(block == 3 * JournalStore.blockBytes, "each step begins a block")
            for place in block..<bytes.count { bytes[place] ^= 0x55 }
            try Data(bytes).write(to: URL(fileURLWithPath: file))
        }
        #expect(try open().records == [vote(view: 1), vote(view: 2)])
    }

    @Test func aJournalThatIsMissingOrAnothersIsLost() throws {
        #expect(throws: Lost.self) { try open() }
        try JournalStore.create(path, chain: chain, key: SHA256.hash([3]))
        #expect(throws: Lost.self) { try open() }
        #expect(throws: LogStoreError.self, "what is there is never replaced") {
            try JournalStore.create(path, chain: chain, key: key)
        }
    }

    @Test func whatIsDecidedIsForgottenAndLaterEpochsAreNot() throws {
        try JournalStore.create(path, chain: chain, key: key)
        let store = try open().store
        store.append([vote(view: 5), vote(epoch: 1, view: 2), vote(view: 6)])
        try store.sync()
        try store.compact(through: 5, of: 0)
        // A node whose log was behind its journal enters an epoch in which it voted before.
        #expect(try store.startEpoch(1) == [vote(epoch: 1, view: 2)])
        #expect(try open().records == [vote(epoch: 1, view: 2)])
    }

    /// Once it is known that votes are missing, no later start may vote with the rest.
    @Test func aRetiredJournalIsLostForGood() throws {
        try JournalStore.create(path, chain: chain, key: key)
        let store = try open().store
        try store.retire()
        store.append([vote(view: 1)])
        try store.sync()
        try store.compact(through: 9, of: 0)
        #expect(throws: Lost.self) { try open() }
    }
}
