import Foundation
import ProvChain
import Testing

@testable import ProvNode

@Suite("The leaves of the state in a file of their own")
struct LeafFileTests {
    private static func key(_ number: Int) -> Digest { SHA256.hash(Array("key \(number)".utf8)) }

    private static func leaf(_ number: Int, version: Int = 0) -> PlacedLeaf {
        PlacedLeaf(
            leaf: StateLeaf(key: key(number), recordHash: SHA256.hash(Array("\(number) \(version)".utf8))),
            place: Int64(number) << 20 + 1)
    }

    /// Small and large steps, new leaves and changed ones, while the pages are shared out anew several times: the file
    /// holds what a dictionary holds.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func itHoldsWhatWasPut(seed: UInt64) throws {
        let folder = try TestFolder()
        let file = try LeafFile(path: folder.file("leaves"))
        var choices = SeededChoices(seed)
        var expected: [Digest: PlacedLeaf] = [:]
        var count = 0
        for step in 1...30 {
            let new = Int.random(in: 0...[3, 400, 2_000].randomElement(using: &choices)!, using: &choices)
            var batch = (count..<count + new).map { Self.leaf($0) }
            count += new
            let old = Set((0..<40).map { _ in Int.random(in: 0..<max(count, 1), using: &choices) })
            batch += old.filter { $0 < count - new }.map { Self.leaf($0, version: step) }
            batch.shuffle(using: &choices)
            try file.put(batch)
            for leaf in batch { expected[leaf.key] = leaf }
        }
        #expect(count > 5_000)
        for leaf in expected.values { #expect(try file.leaf(leaf.key) == leaf) }
        #expect(try file.leaf(Self.key(-1)) == nil)
        let all = expected.values.map(\.leaf).sorted { $0.key < $1.key }
        #expect(try file.leaves(StatePrefix.all.keys) == all)
        for part in StatePrefix.parts(depth: 9) {
            #expect(try file.leaves(part.keys) == all.filter { part.keys.contains($0.key) })
        }
    }

    /// Whoever has keys that begin alike fills one page many times over.
    @Test func oneCrowdedPlaceGoesOnInFurtherPages() throws {
        let folder = try TestFolder()
        let file = try LeafFile(path: folder.file("leaves"))
        let leaves = (0..<400).map { number in
            let key = Digest([UInt8](repeating: 7, count: 30) + [UInt8(number >> 8), UInt8(number & 255)])!
            return PlacedLeaf(leaf: StateLeaf(key: key, recordHash: Self.key(number)), place: Int64(number) + 1)
        }
        for start in stride(from: 0, to: 400, by: 50) { try file.put(Array(leaves[start..<start + 50].reversed())) }
        for leaf in leaves { #expect(try file.leaf(leaf.key) == leaf) }
        #expect(try file.leaves(StatePrefix.all.keys) == leaves.map(\.leaf))
    }

    /// A page that got leaves in place has the bytes of one that was written as a whole.
    @Test(arguments: [0, 1, 20, 55, 58])
    func aPageTakesLeavesInPlace(before: Int) {
        func page(_ leaves: [PlacedLeaf], next: UInt32 = 0) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: LeafPage.byteCount)
            let sorted = leaves.sorted { $0.key < $1.key }
            bytes.withUnsafeMutableBytes { LeafPage.write(sorted[...], next: next, to: $0) }
            return bytes
        }
        let old = (0..<before).map { Self.leaf($0) }
        // One that changes, if there is one, and two that are new.
        let set = [Self.leaf(0, version: 1), Self.leaf(1_000), Self.leaf(1_001)].sorted { $0.key < $1.key }
        let all = old.dropFirst() + set
        var bytes = page(old)
        let added = Self.merge(set, into: &bytes)
        if before + set.count > LeafPage.capacity {
            #expect(added == nil)
            #expect(bytes == page(old))
        } else {
            #expect(added == all.count - before)
            #expect(bytes == page(Array(all)))
        }
        // A page that goes on elsewhere is left alone.
        bytes = page(old, next: 17)
        #expect(Self.merge(set, into: &bytes) == nil)
        #expect(bytes == page(old, next: 17))
    }

    private static func merge(_ leaves: [PlacedLeaf], into page: inout [UInt8]) -> Int? {
        var (leaves, next) = (leaves, Int64(1))
        return page.withUnsafeMutableBytes { LeafPage.merge(&leaves, into: $0, next: &next) }
    }

    /// A leaf that comes without a place keeps the one that its key has, or gets the next one: in pages with room, in
    /// full ones, and several to a page.
    @Test(arguments: [7, 3_000])
    func leavesWithoutAPlaceGetOne(count: Int) throws {
        let folder = try TestFolder()
        let file = try LeafFile(path: folder.file("leaves"))
        try file.put((0..<count).map { Self.leaf($0) })
        var choices = SeededChoices(4)
        let known = Set((0..<count / 2).map { _ in Int.random(in: 0..<count, using: &choices) })
        var leaves = (known.sorted() + Array(count..<2 * count)).map { number in
            PlacedLeaf(leaf: Self.leaf(number, version: 1).leaf)
        }
        leaves.shuffle(using: &choices)
        let next: Int64 = 1 << 40
        let end = try file.put(&leaves, next: next)
        #expect(end == next + Int64(count))
        var given: Set<Int64> = []
        for placed in leaves {
            #expect(try file.leaf(placed.key) == placed)
            if placed.place >= next { given.insert(placed.place) }
        }
        #expect(given == Set(next..<end))
        for number in known {
            #expect(leaves.first { $0.key == Self.key(number) }?.place == Self.leaf(number).place)
        }
    }

    /// What stood around a key that was looked for is answered from memory: never as it was before a change.
    @Test(arguments: [5, 6] as [UInt64])
    func neighbourhoodsFollowChanges(seed: UInt64) throws {
        let folder = try TestFolder()
        let file = try LeafFile(path: folder.file("leaves"))
        var choices = SeededChoices(seed)
        var expected: [Digest: StateLeaf] = [:]
        // Deeper and deeper, as a tree that grows.
        for depth in 9...12 {
            for step in 0..<4 {
                let batch = (0..<300).map { _ in
                    Self.leaf(Int.random(in: 0..<4_000, using: &choices), version: depth * 4 + step)
                }
                let leaves = Dictionary(batch.map { ($0.key, $0) }) { $1 }
                try file.put(Array(leaves.values))
                for leaf in leaves.values { expected[leaf.key] = leaf.leaf }
                let all = expected.values.sorted { $0.key < $1.key }
                for number in 0..<200 {
                    let key = Self.key(number * 17 % 5_000)
                    #expect(try file.leaf(key)?.leaf == expected[key])
                    let bits = UInt32(key.firstBits >> UInt64(64 - depth))
                    for beside in [bits, bits ^ 1] {
                        let prefix = StatePrefix.parts(depth: depth)[Int(beside)]
                        var found: [StateLeaf] = []
                        try file.appendLeaves(under: prefix, to: &found)
                        #expect(found == all.filter { prefix.keys.contains($0.key) })
                    }
                }
            }
        }
    }

    @Test func itKnowsWhichFlushItIsOf() throws {
        let folder = try TestFolder()
        let path = folder.file("leaves")
        let (one, two) = (Self.key(1), Self.key(2))
        let file = try LeafFile(path: path)
        #expect(file.mark == nil)
        try file.put([Self.leaf(1)])
        try file.finish(one)
        #expect(try LeafFile(path: path).mark == one)
        try file.begin()
        #expect(try LeafFile(path: path).mark == nil)
        try file.put([Self.leaf(2)])
        try file.finish(two)
        #expect(try LeafFile(path: path).mark == two)
        #expect(try LeafFile(path: path).leaf(Self.key(2)) == Self.leaf(2))
    }

    /// After the machine was started again, the kernel may have written some pages and not others.
    @Test(arguments: [false, true])
    func afterARestartOfTheMachineOnlyASyncedFileCounts(synced: Bool) throws {
        let folder = try TestFolder()
        let path = folder.file("leaves")
        let file = try LeafFile(path: path)
        try file.put([Self.leaf(1)])
        try file.finish(Self.key(1))
        if synced { try file.sync() }
        var bytes = try folder.read("leaves")
        var header = try #require(LeafFileHeader(bytes: Array(bytes.prefix(LeafPage.byteCount))))
        #expect(header.isSynced == synced)
        header.boot = Self.key(9)
        bytes.replaceSubrange(0..<LeafPage.byteCount, with: header.bytes)
        try folder.write(bytes, "leaves")
        #expect(try LeafFile(path: path).mark == (synced ? Self.key(1) : nil))
    }

    @Test func aHeaderWithAWrongByteIsNone() throws {
        let header = LeafFileHeader(
            mark: Self.key(1), boot: Self.key(2), isSynced: true, homePages: 16, pages: 17, leaves: 3)
        #expect(LeafFileHeader(bytes: header.bytes) == header)
        #expect(header.bytes.count == LeafPage.byteCount)
        for place in 0..<116 {
            var bytes = header.bytes
            bytes[place] ^= 4
            #expect(LeafFileHeader(bytes: bytes) == nil, "byte \(place)")
        }
    }
}
