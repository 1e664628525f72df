import Dispatch
import Glibc
import ProvChain
import Synchronization
import Testing

@testable import ProvNode

@Suite("History log: crashes and damage")
struct LogCrashTests {
    private let chain = SampleChain(leavesPerBlock: 70)

    @Test("A last record cut at any byte is as if its block had never been appended")
    func tornAnywhere() throws {
        let chain = SampleChain(leavesPerBlock: 3)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<2))
        let segment = fixture.paths.segment(firstHeight: 0)
        let before = try LogDisk.read(segment).count
        // The crash comes before the tiles know the last block.
        let crashed = try fixture.copy()
        try store.append([chain.block(2)])
        let whole = try LogDisk.read(segment)
        for length in before...whole.count {
            let copy = try crashed.copy()
            try LogDisk.write(copy.paths.segment(firstHeight: 0), Array(whole[..<length]))
            let count: UInt64 = length == whole.count ? 3 : 2
            try chain.expect(try copy.openReader(), blocks: count)
            let reopened = try copy.open()
            try chain.expect(reopened.reader, blocks: count)
            // And the log goes on.
            try reopened.append([chain.block(count)])
            try chain.expect(try copy.openReader(), blocks: count + 1)
        }
    }

    @Test("A last record of the right length with unwritten pages in it is cut off as well")
    func tornInside() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append([chain.block(0)])
        let segment = fixture.paths.segment(firstHeight: 0)
        let before = try LogDisk.read(segment).count
        let crashed = try fixture.copy()
        try store.append([chain.block(1)])
        let whole = try LogDisk.read(segment)
        for hole in [before..<(before + 1), before..<whole.count, (before + 300)..<(before + 301)] {
            let copy = try crashed.copy()
            var bytes = whole
            for offset in hole { bytes[offset] = 0 }
            try LogDisk.write(copy.paths.segment(firstHeight: 0), bytes)
            try chain.expect(try copy.open().reader, blocks: 1)
        }
    }

    @Test("A process that dies at any step loses nothing that was acknowledged, and nothing is half there")
    func everyStep() throws {
        let fixture = LogFixture()
        let (home, chain) = (fixture.home, chain)
        let copies = Mutex<[(step: LogStep, acknowledged: UInt64, copy: String)]>([])
        let acknowledged = Atomic<Int>(0)
        let recorder = StepRecorder()
        let kept = LogFixture()
        let keptHome = kept.home
        let probe = recorder.probe { step in
            copies.withLock { copies in
                let copy = "\(keptHome)/\(copies.count)"
                try? LogDisk.copy(home, to: copy)
                copies.append((step, UInt64(acknowledged.load(ordering: .relaxed)), copy))
            }
        }
        for (from, to): (UInt64, UInt64) in [(0, 5), (5, 8), (8, 12)] {
            let store = try fixture.open(probe: probe)
            for height in from..<to {
                try store.append([chain.block(height)])
                acknowledged.store(Int(height) + 1, ordering: .relaxed)
                if height % 3 == 1 { try store.settle() }
            }
        }
        #expect(Set(recorder.seen) == Set(LogStep.allCases))
        let states = copies.withLock { $0 }
        for state in states {
            let expected = state.acknowledged
            let store = try LogStore.open(at: state.copy)
            let found = store.extent.blockCount
            #expect(found == expected || found == expected + 1, "\(state.step): \(found) of \(expected) blocks")
            try chain.expect(store.reader, blocks: found)
            try store.append([chain.block(found)])
            try store.close()
            try chain.expect(try LogReader.open(at: state.copy), blocks: found + 1)
        }
        withExtendedLifetime(kept) {}
        print("log: reopened after a crash at \(states.count) steps of \(LogStep.allCases.count) kinds")
    }

    @Test("A power cut that loses everything not yet synced in the tiles loses nothing")
    func powerCut() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<5))
        try store.settle()
        let settled = try fixture.copy()
        try store.append(chain.blocks(5..<12))
        let segment = try LogDisk.read(fixture.paths.segment(firstHeight: 5))

        // Neither data nor names arrived.
        let nothing = try settled.copy()
        try LogDisk.write(nothing.paths.segment(firstHeight: 5), segment)
        try chain.expect(try nothing.open().reader, blocks: 12)

        // Names and lengths arrived, the data did not.
        let names = try fixture.copy()
        for file in try LogDisk.files(names.home + "/log")
        where !file.contains("/commit/") && !file.hasSuffix("durable") {
            let durable = settled.home + file.dropFirst(names.home.count)
            let earlier = settled.home + file.dropFirst(names.home.count).replacing("/tile/", with: "/partial/")
            let known = (try? LogDisk.read(durable)) ?? (try? LogDisk.read(earlier)) ?? []
            try LogDisk.write(file, known + [UInt8](repeating: 0, count: try LogDisk.read(file).count - known.count))
        }
        try chain.expect(try names.open().reader, blocks: 12)

        // Of the new files only a later one kept its name.
        let later = try settled.copy()
        try LogDisk.write(later.paths.segment(firstHeight: 5), segment)
        try LogDisk.write(later.paths.full(.entries, 2), [1, 2, 3])
        try LogDisk.write(later.paths.full(.hashes(level: 0), 2), [1, 2, 3])
        try chain.expect(try later.open().reader, blocks: 12)
    }

    @Test("Torn bytes after the durable end of unfinished files are cut off")
    func tornTiles() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<5))
        try store.close()
        for file in try LogDisk.files(fixture.home + "/log/partial") + LogDisk.files(fixture.home + "/log/certificates")
        {
            try LogDisk.append(file, [0xff, 0xff, 0x00])
        }
        try chain.expect(try fixture.openReader(), blocks: 5)
        let reopened = try fixture.open()
        try reopened.append(chain.blocks(5..<9))
        try chain.expect(reopened.reader, blocks: 9)
    }

    @Test("Unfinished tiles are derived again; unfinished bundles only as far as the segments have them")
    func partialFolderLost() throws {
        let unsettled = LogFixture()
        let store = try unsettled.open()
        try store.append(chain.blocks(0..<6))
        LogDisk.remove(unsettled.home + "/log/partial")
        try chain.expect(try unsettled.copy().open().reader, blocks: 6)

        let settled = LogFixture()
        let other = try settled.open()
        try other.append(chain.blocks(0..<6))
        try other.close()
        for level in 0...1 { LogDisk.remove(settled.home + "/log/partial/\(level)") }
        try chain.expect(try settled.copy().openReader(), blocks: 6)
        try chain.expect(try settled.copy().open().reader, blocks: 6)
        LogDisk.remove(settled.home + "/log/partial/entries")
        let missing = LogStoreError.fileMissing(file: settled.home + "/log/partial/entries/001")
        #expect(throws: missing) { try settled.open() }
        #expect("\(missing)".contains("restore it, or restore the whole home from a backup"))
    }

    @Test("Damage before the last record is refused with the file and the byte, never skipped")
    func damagedSegment() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        var offsets: [Int] = []
        for height: UInt64 in 0..<4 {
            let segment = fixture.paths.segment(firstHeight: 0)
            offsets.append(height == 0 ? 32 : try LogDisk.read(segment).count)
            try store.append([chain.block(height)])
        }
        // Magic, length, seal, checksum and payload of a record in the middle.
        for offset in [0, 5, 10, 20, 60] {
            let copy = try fixture.copy()
            let segment = copy.paths.segment(firstHeight: 0)
            try LogDisk.flip(segment, at: offsets[1] + offset)
            for error in [
                #expect(throws: LogStoreError.self) { try copy.open() },
                #expect(throws: LogStoreError.self) { try copy.openReader() },
            ] {
                guard case .segmentCorrupt(segment, offsets[1], _) = error else { return #expect(error == nil) }
            }
        }
    }

    @Test("A statement that contains a record does not turn a torn tail into damage")
    func embeddedRecord() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append([chain.block(0)])
        let segment = fixture.paths.segment(firstHeight: 0)
        let record = Array(try LogDisk.read(segment)[CommitSegment.headerBytes...])
        let crashed = try fixture.copy()
        let block = LogBlock(
            height: 1, time: chain.block(1).time, leaves: [record, Array(repeating: 1, count: 50)], certificate: [])
        try store.append([block])
        try LogDisk.write(crashed.paths.segment(firstHeight: 0), try LogDisk.read(segment).dropLast(20))
        try chain.expect(try crashed.open().reader, blocks: 1)
    }

    @Test("Nothing is hashed for the records that a torn tail merely claims to hold")
    func manyClaimedRecords() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append([chain.block(0)])
        let crashed = try fixture.copy()
        // Every 64 bytes a record that claims a MiB, and half of the claims could be true: 16 GiB to hash.
        let claim = CommitSegment.recordMagic + [0, 0x10, 0, 0] + [UInt8](repeating: 0, count: 56)
        let leaf = [UInt8]((0..<1_023).map { _ in claim }.joined())
        let leaves = Array(repeating: leaf, count: 32)
        try store.append([LogBlock(height: 1, time: chain.block(1).time, leaves: leaves, certificate: [])])
        let torn = Array(try LogDisk.read(fixture.paths.segment(firstHeight: 0)).dropLast(1))
        let salt = torn[16..<CommitSegment.headerBytes]
        let possible = torn.indices.dropLast(1 << 20 + CommitSegment.recordHeaderBytes).filter {
            torn[$0] == claim[0] && torn[$0...].starts(with: claim)
        }
        #expect(possible.count > 15_000)
        // Not one reaches the comparison of checksums, for which its payload would be hashed.
        #expect(possible.allSatisfy { CommitSegment.payload(of: torn, at: $0, salt: salt) == .failure(.seal) })
        try LogDisk.write(crashed.paths.segment(firstHeight: 0), torn)
        try chain.expect(try crashed.open().reader, blocks: 1)
    }

    @Test("A segment too short for its header is refused, unless a crash may have cut it", arguments: [0, 1, 15, 31])
    func shortSegment(bytes count: Int) throws {
        let fixture = LogFixture()
        try fixture.open().close()
        let segment = fixture.paths.segment(firstHeight: 0)
        let header = CommitSegment.header(firstHeight: 0, salt: [UInt8](repeating: 7, count: CommitSegment.saltBytes))
        try LogDisk.write(segment, Array(header[..<count]))
        #expect(try CommitSegment.read(segment, firstHeight: 0, isLast: true) != nil)
        #expect(throws: LogStoreError.segmentCorrupt(file: segment, offset: 0, reason: "no header")) {
            try CommitSegment.read(segment, firstHeight: 0, isLast: false)
        }
    }

    @Test("A lost segment is a gap, and refused")
    func lostSegment() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<2))
        let settlement = try #require(store.beginSettling())
        try store.append(chain.blocks(2..<4))
        LogDisk.remove(fixture.paths.segment(firstHeight: 0))
        let second = fixture.paths.segment(firstHeight: 2)
        let copy = try fixture.copy()
        let error = LogStoreError.blocksMissing(
            file: copy.paths.segment(firstHeight: 2), expectedHeight: 0, foundHeight: 2)
        #expect(throws: error) { try copy.open() }
        #expect(LogFolder.exists(second))
        try settlement.run()
        store.finishSettling(nil)
    }

    @Test("A lost or damaged note of what is durable is refused")
    func durableFile() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<6))
        try store.close()
        let lost = try fixture.copy()
        LogDisk.remove(lost.paths.durable)
        #expect(throws: LogStoreError.durableMissing(file: lost.paths.durable)) { try lost.open() }
        let length = try LogDisk.read(fixture.paths.durable).count
        for offset in 0..<length {
            let copy = try fixture.copy()
            try LogDisk.flip(copy.paths.durable, at: offset)
            #expect(throws: LogStoreError.durableCorrupt(file: copy.paths.durable, reason: "wrong checksum")) {
                try copy.open()
            }
        }
    }

    @Test("A full disk is reported, changes nothing, and the same block can be appended afterwards")
    func fullDisk() throws {
        for step in [LogStep.appendBeforeWrite, .appendHalfWritten] {
            let fixture = LogFixture()
            let recorder = StepRecorder(failing: [step: ENOSPC])
            let store = try fixture.open(probe: recorder.probe())
            let error = #expect(throws: LogStoreError.self) { try store.append([chain.block(0)]) }
            guard case .diskFull = error else { return #expect(error == nil) }
            #expect("\(try #require(error))".contains("free some space"))
            #expect(!store.isPoisoned)
            #expect(store.height == nil)
            recorder.stopFailing()
            try store.append(chain.blocks(0..<2))
            try chain.expect(try fixture.copy().open().reader, blocks: 2)
        }
    }

    @Test("After a failed sync nothing is written any more; a restart decides", arguments: [true, false])
    func failedSync(whileAppending: Bool) throws {
        let fixture = LogFixture()
        let recorder = StepRecorder(failing: [(whileAppending ? .appendBeforeSync : .settleBeforeSync): EIO])
        let creating = try fixture.open()
        try creating.append([chain.block(0)])
        try creating.close()
        let store = try fixture.open(probe: recorder.probe())
        let error = #expect(throws: LogStoreError.self) {
            try store.append([chain.block(1)])
            try store.settle()
        }
        guard case .syncFailed(_, EIO) = error else { return #expect(error == nil) }
        recorder.stopFailing()
        #expect(store.isPoisoned)
        #expect(throws: LogStoreError.self) { try store.append([chain.block(2)]) }
        #expect(throws: LogStoreError.self) { try store.settle() }
        try chain.expect(store.reader, blocks: whileAppending ? 1 : 2)
        try store.close()
        try chain.expect(try fixture.open().reader, blocks: 2)
    }

    @Test("An append that does not wait is readable at once, and the next one follows its sync")
    func appendBesideTheSync() throws {
        let fixture = LogFixture()
        let recorder = StepRecorder()
        let queue = BlockingQueue("test.log")
        let gate = DispatchSemaphore(value: 0)
        queue.start { gate.wait() }
        let store = try fixture.open(probe: recorder.probe())
        let sync = try #require(try store.append([chain.block(0)], syncingOn: queue))
        try chain.expect(store.reader, blocks: 1)
        #expect(!recorder.seen.contains(.appendBeforeSync))
        gate.signal()
        try sync.wait()
        #expect(recorder.seen.contains(.appendAfterSync))
        for height: UInt64 in 1..<5 { _ = try store.append([chain.block(height)], syncingOn: queue) }
        let order = recorder.seen.filter { $0 == .appendBeforeWrite || $0 == .appendAfterSync }
        #expect(order.starts(with: [.appendBeforeWrite, .appendAfterSync, .appendBeforeWrite, .appendAfterSync]))
        try store.waitUntilDurable()
        try store.close()
        try chain.expect(try fixture.open().reader, blocks: 5)
    }

    @Test("A sync that fails beside the work ends the writing")
    func failedSyncBeside() throws {
        let fixture = LogFixture()
        let recorder = StepRecorder(failing: [.appendBeforeSync: EIO])
        let queue = BlockingQueue("test.log")
        let store = try fixture.open(probe: recorder.probe())
        let sync = try #require(try store.append([chain.block(0)], syncingOn: queue))
        #expect(throws: LogStoreError.self) { try sync.wait() }
        recorder.stopFailing()
        #expect(throws: LogStoreError.self) { try store.append([chain.block(1)], syncingOn: queue) }
        #expect(store.isPoisoned)
        #expect(throws: LogStoreError.self) { try store.append([chain.block(1)]) }
        try store.close()
    }

    @Test("A failpoint kills the process, and what it had acknowledged is there")
    func killed() async throws {
        let fixture = LogFixture()
        await #expect(processExitsWith: .signal(SIGKILL)) { [home = fixture.home as String] in
            setenv("PROV_FAILPOINT", "log.append.half-written:4", 1)
            let store = try LogStore.open(at: home)
            try store.append(SampleChain(leavesPerBlock: 70).blocks(0..<2))
            for height: UInt64 in 2..<9 { try store.append([SampleChain(leavesPerBlock: 70).block(height)]) }
        }
        // Blocks 0 and 1 share a record, so the fourth record is block 4.
        try chain.expect(try fixture.openReader(), blocks: 4)
        // The lock went with the process.
        try chain.expect(try fixture.open().reader, blocks: 4)
    }

    @Test("A failpoint is a name and the number of the hit")
    func failpoints() {
        #expect(
            Failpoint.parse("log.append.before-sync:3").map { [$0.name, "\($0.count)"] }
                == ["log.append.before-sync", "3"])
        #expect(Failpoint.parse("log.append.before-sync")?.count == 1)
        for wrong in ["", ":1", "name:", "name:0", "name:-1", "name:x"] {
            #expect(Failpoint.parse(wrong) == nil, "\(wrong)")
        }
    }
}
