import Glibc
import ProvChain
import Testing

@testable import ProvNode

@Suite("History log: appending and reading")
struct LogStoreTests {
    @Test("An empty log has size 0, no height and the empty root")
    func empty() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        #expect(store.size == 0)
        #expect(store.height == nil)
        #expect(store.extent.root == MerkleHash.empty)
        #expect(throws: LogStoreError.outOfRange(index: 0, count: 0)) { try store.reader.entry(0) }
        #expect(throws: LogStoreError.outOfRange(index: 0, count: 0)) { try store.reader.certificate(0) }
        #expect(throws: LogStoreError.outOfRange(index: 0, count: 0)) { try store.reader.height(ofLeaf: 0) }
        try store.reader.verifyAll()
        try store.close()
        #expect(try fixture.open().size == 0)
    }

    @Test("What was appended is there after reopening, at every size around a full tile", arguments: [true, false])
    func aroundOneTile(closing: Bool) throws {
        let chain = SampleChain(leavesPerBlock: 1)
        let fixture = LogFixture()
        for count: UInt64 in [1, 2, 255, 256, 257, 511, 512, 513] {
            let store = try fixture.open()
            for height in store.extent.blockCount..<count { try store.append([chain.block(height)]) }
            try chain.expect(store.reader, blocks: count)
            // Without closing, the segments bring the tiles up to date.
            if closing { try store.close() }
            try chain.expect(try fixture.openReader(), blocks: count)
        }
    }

    @Test("Blocks of odd sizes cross tiles, and 65,536 leaves fill a tile of the second level")
    func acrossLevels() throws {
        let chain = SampleChain(leavesPerBlock: 331)
        let fixture = LogFixture()
        do {
            let store = try fixture.open()
            try store.append(chain.blocks(0..<100))
            try store.settle()
            try store.append(chain.blocks(100..<197))
            #expect(store.size < 65_536)
            try store.append(chain.blocks(197..<199))
            #expect(store.size > 65_536)
        }
        for closing in [false, true] {
            let store = try fixture.open()
            #expect(store.size == 199 * 331)
            #expect(store.extent.root == chain.root(blocks: 199))
            for size: UInt64 in [1, 255, 256, 257, 65_535, 65_536, 65_537, 65_869] {
                #expect(try store.reader.root(at: size) == chain.root(leaves: size), "size \(size)")
            }
            var done: UInt64 = 0
            try store.reader.verifyAll { now, total in
                #expect(now > done && total == 65_869)
                done = now
            }
            #expect(done == 65_869)
            if closing { try store.close() }
        }
        #expect(LogFolder.exists(fixture.home + "/log/tile/1/000"))
        #expect(try LogDisk.read(fixture.home + "/log/tile/1/000").count == 8_192)
        #expect(try LogDisk.read(fixture.home + "/log/partial/2/000") == chain.root(leaves: 65_536).bytes)
    }

    @Test("Inclusion and consistency proofs at any size come from the files")
    func proofs() throws {
        let chain = SampleChain(leavesPerBlock: 100)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<10))
        for (index, size): (UInt64, UInt64) in [(0, 1), (0, 1_000), (255, 256), (256, 257), (700, 701), (999, 1_000)] {
            let proof = try HistoryTree.inclusionProof(index: index, size: size, reader: store.reader)
            try proof.verify(leafHash: MerkleHash.leaf(chain.leaf(index)), root: chain.root(leaves: size))
        }
        let proof = try HistoryTree.consistencyProof(from: 257, to: 1_000, reader: store.reader)
        try proof.verify(oldRoot: chain.root(leaves: 257), newRoot: chain.root(leaves: 1_000))
        #expect(throws: MerkleError.self) {
            try HistoryTree.inclusionProof(index: 1_000, size: 1_001, reader: store.reader)
        }
    }

    @Test("Every height knows its header leaf and every leaf its height")
    func heights() throws {
        let chain = SampleChain(leavesPerBlock: 3)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<600))
        for index: UInt64 in [0, 2, 3, 767, 768, 770, 771, 1_535, 1_536, 1_799] {
            #expect(try store.reader.height(ofLeaf: index) == index / 3, "leaf \(index)")
        }
        #expect(try store.reader.headerLeafIndex(0) == 2)
        #expect(try store.reader.headerLeafIndex(256) == 770)
        #expect(try store.reader.certificate(0).certificate == [])
        #expect(try store.reader.certificate(599).certificate == Array("certificate 599".utf8))
        #expect(throws: LogStoreError.outOfRange(index: 600, count: 600)) { try store.reader.certificate(600) }
    }

    @Test("A walk gives entries, certificates and blocks over bundles, forwards and back, as of when it began")
    func walking() throws {
        let chain = SampleChain(leavesPerBlock: 100)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<6))
        var walk = LogWalk(store.reader)
        for index: UInt64 in [250, 255, 256, 514, 0, 599] { #expect(try walk.entry(index) == chain.leaf(index)) }
        for height: UInt64 in [2, 3, 0, 5] { #expect(try walk.block(height) == chain.block(height)) }
        #expect(try walk.certificate(5).certificate == Array("certificate 5".utf8))
        try store.append([chain.block(6)])
        #expect(throws: LogStoreError.outOfRange(index: 600, count: 600)) { try walk.entry(600) }
        #expect(throws: LogStoreError.outOfRange(index: 6, count: 6)) { try walk.certificate(6) }
        #expect(throws: LogStoreError.outOfRange(index: 6, count: 6)) { try walk.block(6) }
        var next = LogWalk(store.reader)
        #expect(try next.block(6) == chain.block(6))
        #expect(next.blockCount == 7)
    }

    @Test("A leaf may be empty or 65,535 bytes long, not longer")
    func leafLimits() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        let longest = [UInt8](repeating: 7, count: 65_535)
        try store.append([LogBlock(height: 0, time: 1, leaves: [[], longest], certificate: [])])
        #expect(throws: LogStoreError.leafTooLong(height: 1, position: 0, bytes: 65_536, limit: 65_535)) {
            try store.append([LogBlock(height: 1, time: 2, leaves: [longest + [7]], certificate: [])])
        }
        try store.close()
        #expect(try fixture.openReader().block(0).leaves == [[], longest])
    }

    @Test("A block that does not follow is refused and changes nothing")
    func wrongBlocks() throws {
        let chain = SampleChain(leavesPerBlock: 2)
        let fixture = LogFixture()
        let store = try fixture.open()
        #expect(throws: LogStoreError.heightNotNext(expected: 0, found: 1)) { try store.append([chain.block(1)]) }
        try store.append(chain.blocks(0..<3))
        #expect(throws: LogStoreError.heightNotNext(expected: 3, found: 2)) { try store.append([chain.block(2)]) }
        #expect(throws: LogStoreError.heightNotNext(expected: 4, found: 5)) {
            try store.append([chain.block(3), chain.block(5)])
        }
        let last = chain.block(2).time
        #expect(throws: LogStoreError.timeNotAfter(last: last, found: last)) {
            try store.append([LogBlock(height: 3, time: last, leaves: [[1]], certificate: [])])
        }
        #expect(throws: LogStoreError.blockWithoutLeaves(height: 3)) {
            try store.append([LogBlock(height: 3, time: last + 1, leaves: [], certificate: [])])
        }
        #expect(!store.isPoisoned)
        try chain.expect(store.reader, blocks: 3)
    }

    @Test("Only one writer at a time; the refusal names the process that has the log")
    func lock() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        let expected = LogStoreError.locked(file: fixture.home + "/log/lock", processIdentifier: getpid())
        #expect(throws: expected) { try LogStore.open(at: fixture.home) }
        #expect("\(expected)".contains("process \(getpid())"))
        try store.close()
        #expect(throws: LogStoreError.poisoned(cause: "closed")) {
            try store.append([SampleChain(leavesPerBlock: 1).block(0)])
        }
        let next = try fixture.open()
        try next.append([SampleChain(leavesPerBlock: 1).block(0)])
    }

    @Test("A log being written can be read by another process, settled or not")
    func readOnly() throws {
        let chain = SampleChain(leavesPerBlock: 100)
        let fixture = LogFixture()
        #expect(throws: LogStoreError.fileMissing(file: fixture.home + "/log/durable")) { try fixture.openReader() }
        let store = try fixture.open()
        var readers: [(LogReader, UInt64)] = [(try fixture.openReader(), 0)]
        for height: UInt64 in 0..<12 {
            try store.append([chain.block(height)])
            if height % 5 == 3 { try store.settle() }
            readers.append((try fixture.openReader(), height + 1))
        }
        // Each still sees the log as it was when it was opened.
        for (reader, count) in readers { try chain.expect(reader, blocks: count) }
        let before = try LogDisk.files(fixture.home).map { try LogDisk.read($0) }
        _ = try fixture.openReader()
        #expect(try LogDisk.files(fixture.home).map { try LogDisk.read($0) } == before)
    }

    @Test("Blocks appended while a settlement waits for the disk are neither lost nor held up")
    func appendingWhileSettling() throws {
        let chain = SampleChain(leavesPerBlock: 100)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<3))
        #expect(store.unsettledBytes > 0)
        let settlement = try #require(store.beginSettling())
        #expect(store.unsettledBytes == 0)
        try store.append(chain.blocks(3..<9))
        #expect(store.beginSettling() == nil)
        try settlement.run()
        try store.append([chain.block(9)])
        store.finishSettling(nil)
        #expect(try CommitLog.segments(fixture.paths).map(\.firstHeight) == [3])
        try chain.expect(try fixture.copy().open().reader, blocks: 10)
        try store.settle()
        #expect(try CommitLog.segments(fixture.paths).isEmpty)
        try chain.expect(try fixture.copy().open().reader, blocks: 10)
    }

    @Test("A segment is closed at 16 MiB; records longer than 64 MiB are refused")
    func segmentLimits() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        let leaf = [UInt8](repeating: 1, count: 60_000)
        func block(_ height: UInt64, leaves: Int) -> LogBlock {
            LogBlock(
                height: height, time: height + 1, leaves: Array(repeating: leaf, count: leaves),
                leafHashes: Array(repeating: MerkleHash.leaf(leaf), count: leaves), certificate: [])
        }
        try store.append([block(0, leaves: 150)])
        try store.append([block(1, leaves: 150)])
        try store.append([block(2, leaves: 1)])
        #expect(try CommitLog.segments(fixture.paths).map(\.firstHeight) == [0, 2])
        #expect(throws: LogStoreError.self) { try store.append([block(3, leaves: 1_150)]) }
        #expect(!store.isPoisoned)
        #expect(try fixture.copy().open().reader.extent == store.extent)
    }

    @Test("Segments are private, what auditors may download is not")
    func modes() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append([SampleChain(leavesPerBlock: 300).block(0)])
        let log = fixture.home + "/log"
        #expect(LogDisk.mode(log + "/commit") == 0o700)
        #expect(LogDisk.mode(fixture.paths.segment(firstHeight: 0)) == 0o600)
        let mask = umask(0)
        umask(mask)
        #expect(LogDisk.mode(log + "/tile/entries/000") == 0o644 & ~mask)
        #expect(LogDisk.mode(log + "/tile/0/000") == 0o644 & ~mask)
    }
}
