import ProvChain

extension LeafFile {
    /// The open file, used by one thread at a time.
    struct Content: Sendable {
        let file: LogFile
        var header: LeafFileHeader
        /// The leaves that were loaded last.
        private(set) var scratch: [PlacedLeaf] = []
        private var merged: [PlacedLeaf] = []
        /// The pages that they came from.
        private var chain: [Int] = []
        /// The page that is being written.
        private var page = [UInt8](repeating: 0, count: LeafPage.byteCount)
        /// The page that was read last to answer a question.
        private let question = PageMemory()
        private var neighbourhoods = LeafNeighbourhoods()

        init(file: LogFile, header: LeafFileHeader) {
            self.file = file
            self.header = header
            file.expectRandomAccess()
        }

        /// A new file, whose pages are yet to be written.
        init(file: LogFile, homePages: Int) {
            self.init(
                file: file,
                header: LeafFileHeader(
                    mark: .zero, boot: .zero, isSynced: false, homePages: UInt64(homePages),
                    pages: UInt64(homePages) + 1, leaves: 0))
        }

        static func empty(_ path: String) throws -> Content {
            let pages = LeafFile.fewestPages
            let content = Content(file: try LogFile.open(path, .replace(mode: 0o640)), homePages: pages)
            try content.file.truncate(to: (pages + 1) * LeafPage.byteCount)
            try content.writeHeader()
            return content
        }

        func writeHeader() throws { try file.write(header.bytes, at: 0) }

        /// The page of a key, by the place of its first bits among all of 64 bits.
        func home(of key: Digest) -> Int { Self.home(of: key.firstBits, among: header.homePages) }

        static func home(of bits: UInt64, among pages: UInt64) -> Int {
            1 + Int(bits.multipliedFullWidth(by: pages).high)
        }

        /// Reads the leaves of a home page, and of those that go on with it.
        mutating func load(_ home: Int) throws {
            scratch.removeAll(keepingCapacity: true)
            chain.removeAll(keepingCapacity: true)
            var next = home
            while next != 0 {
                guard next < Int(header.pages), chain.count <= Int(header.pages - header.homePages) else {
                    throw damaged(home)
                }
                chain.append(next)
                try read(next)
                guard let following = page.withUnsafeBytes({ LeafPage.read($0, into: &scratch) }) else {
                    throw damaged(home)
                }
                next = Int(following)
            }
        }

        /// From this many pages on, the kernel is told to read them together.
        private static let prefetchedPages = 16

        /// Appends the leaves whose keys lie in a range, ascending.
        ///
        /// - Parameter depth: of the range's prefix in the tree.
        mutating func leaves(_ keys: ClosedRange<Digest>, depth: Int, to found: inout [StateLeaf]) throws {
            if neighbourhoods.append(keys, depth: depth, to: &found) { return }
            let pages = home(of: keys.lowerBound)...home(of: keys.upperBound)
            if pages.count >= Self.prefetchedPages {
                file.prefetch(at: pages.lowerBound * LeafPage.byteCount, count: pages.count * LeafPage.byteCount)
            }
            for home in pages {
                var (next, steps) = (home, 0)
                while next != 0 {
                    guard next < Int(header.pages), steps <= Int(header.pages - header.homePages) else {
                        throw damaged(home)
                    }
                    guard let following = LeafPage.read(try lookedUp(next), keys, into: &found) else {
                        throw damaged(home)
                    }
                    (next, steps) = (Int(following), steps + 1)
                }
            }
        }

        private mutating func read(_ number: Int) throws {
            let file = file
            try page.withUnsafeMutableBytes { try Self.read(number, of: file, into: $0) }
        }

        /// A page's bytes, to be used before the next page is asked for.
        private func lookedUp(_ number: Int) throws -> UnsafeRawBufferPointer {
            try Self.read(number, of: file, into: question.bytes)
            return UnsafeRawBufferPointer(question.bytes)
        }

        private static func read(_ number: Int, of file: LogFile, into bytes: UnsafeMutableRawBufferPointer) throws {
            guard try file.read(into: bytes, at: number * LeafPage.byteCount) == LeafPage.byteCount else {
                throw DatabaseFailure.damaged(file: file.path, reason: "it ends before page \(number)")
            }
        }

        private func damaged(_ page: Int) -> DatabaseFailure {
            .damaged(file: file.path, reason: "page \(page) is not one of leaves")
        }

        /// Looks for a key without making values of its page's other leaves, but for those around it: they are asked for
        /// next.
        mutating func leaf(_ key: Digest) throws -> PlacedLeaf? {
            var next = home(of: key)
            for step in 0...(header.pages - header.homePages) {
                guard next < Int(header.pages) else { throw damaged(next) }
                let bytes = try lookedUp(next)
                guard let count = LeafPage.count(bytes) else { throw damaged(next) }
                if step == 0, LeafPage.next(bytes) == 0 { remember(bytes, around: key, count: count) }
                let place = LeafPage.position(bytes, of: key, count: count)
                if place < count, LeafPage.key(bytes, place) == key { return LeafPage.leaf(bytes, place) }
                next = Int(LeafPage.next(bytes))
                if next == 0 { return nil }
            }
            throw damaged(home(of: key))
        }

        /// Remembers the leaves around a key if all of them lie on this page, which does not go on elsewhere.
        private mutating func remember(_ page: UnsafeRawBufferPointer, around key: Digest, count: Int) {
            guard let number = neighbourhoods.number(of: key), !neighbourhoods.contains(number) else { return }
            let bounds = neighbourhoods.bounds(number)
            guard
                Self.home(of: bounds.lowerBound, among: header.homePages)
                    == Self.home(of: bounds.upperBound, among: header.homePages)
            else { return }
            var first = LeafPage.position(page, of: key, count: count)
            var end = first
            while first > 0, LeafPage.firstBits(page, first - 1) >= bounds.lowerBound { first -= 1 }
            while end < count, LeafPage.firstBits(page, end) <= bounds.upperBound { end += 1 }
            neighbourhoods.remember(number, count: end - first) { LeafPage.stateLeaf(page, first + $0) }
        }

        /// Puts leaves, ascending, into their home page; gives those without a place the one that they have, or the next
        /// one.
        mutating func merge(_ leaves: inout [PlacedLeaf], into home: Int, next place: inout Int64) throws {
            if leaves.isEmpty { return }
            for leaf in leaves { neighbourhoods.forget(leaf.key) }
            try read(home)
            if let added = page.withUnsafeMutableBytes({ LeafPage.merge(&leaves, into: $0, next: &place) }) {
                header.leaves += UInt64(added)
                return try writePage(home)
            }
            try load(home)
            let before = scratch.count
            merged.removeAll(keepingCapacity: true)
            var old = 0
            for position in leaves.indices {
                let key = leaves[position].key
                while old < before, scratch[old].key < key {
                    merged.append(scratch[old])
                    old += 1
                }
                let known = old < before && scratch[old].key == key ? scratch[old].place : nil
                if known != nil { old += 1 }
                leaves[position].settle(known, next: &place)
                merged.append(leaves[position])
            }
            merged.append(contentsOf: scratch[old...])
            header.leaves += UInt64(merged.count - before)
            try writeMerged()
        }

        /// Gives a home page of a new file its leaves, ascending.
        mutating func fill(_ home: Int, with leaves: [PlacedLeaf]) throws {
            chain = [home]
            merged = leaves
            header.leaves += UInt64(leaves.count)
            try writeMerged()
        }

        private mutating func writeMerged() throws {
            let needed = (merged.count + LeafPage.capacity - 1) / LeafPage.capacity
            while chain.count < needed {
                chain.append(Int(header.pages))
                header.pages += 1
            }
            // The last first: a page is only named by one that comes before it once it is there.
            for part in (0..<chain.count).reversed() {
                let first = part * LeafPage.capacity
                let next = part + 1 < chain.count ? UInt32(chain[part + 1]) : 0
                page.withUnsafeMutableBytes {
                    LeafPage.write(merged[first..<min(first + LeafPage.capacity, merged.count)], next: next, to: $0)
                }
                try writePage(chain[part])
            }
        }

        private func writePage(_ number: Int) throws {
            try page.withUnsafeBytes { try file.write($0, at: number * LeafPage.byteCount) }
        }
    }

    /// Memory for one page, at the same address for as long as the file is open.
    private final class PageMemory: @unchecked Sendable {
        // Safe to share: its one owner is used inside a lock.
        let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: LeafPage.byteCount, alignment: LeafPage.byteCount)

        deinit { bytes.deallocate() }
    }
}
