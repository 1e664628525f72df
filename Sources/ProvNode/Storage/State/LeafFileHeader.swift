import Foundation
import ProvChain

/// The first page of a leaf file: what it is of, and whether it can be trusted.
struct LeafFileHeader: Hashable {
    /// Random, and the same in the state database: the file has the leaves of exactly that flush. Zero while it is
    /// written to.
    var mark: Digest
    /// Since which start of the machine the file was written to. Until the next one the kernel's memory of it is
    /// whole, whatever became of the process; after it, only a file that was ``synced`` is.
    var boot: Digest
    var isSynced: Bool
    /// Pages by which keys are shared out.
    var homePages: UInt64
    /// All pages, the header and those that go on with full ones among them.
    var pages: UInt64
    var leaves: UInt64

    private static let magic = Array("PROVLEAF1".utf8)

    /// Digests that name this start of the machine and every other one, if the kernel says which it is.
    static var thisBoot: Digest? {
        guard let identifier = try? Data(contentsOf: URL(filePath: "/proc/sys/kernel/random/boot_id")) else {
            return nil
        }
        return SHA256.hash(Array(identifier))
    }

    /// One page.
    var bytes: [UInt8] {
        var writer = CBORWriter(reserving: LeafPage.byteCount)
        writer.byteString(Self.magic)
        writer.digest(mark)
        writer.digest(boot)
        writer.bool(isSynced)
        for number in [homePages, pages, leaves] { writer.uint(number) }
        writer.digest(SHA256.hash(writer.bytes))
        return writer.bytes + [UInt8](repeating: 0, count: LeafPage.byteCount - writer.bytes.count)
    }

    init(mark: Digest, boot: Digest, isSynced: Bool, homePages: UInt64, pages: UInt64, leaves: UInt64) {
        self.mark = mark
        self.boot = boot
        self.isSynced = isSynced
        self.homePages = homePages
        self.pages = pages
        self.leaves = leaves
    }

    /// `nil` for anything that was not written whole.
    init?(bytes: [UInt8]) {
        var reader = CBORReader(bytes)
        do throws(CBORError) {
            guard try reader.byteString(atMost: Self.magic.count) == Self.magic else { return nil }
            mark = try reader.digest()
            boot = try reader.digest()
            isSynced = try reader.bool()
            homePages = try reader.uint()
            pages = try reader.uint()
            leaves = try reader.uint()
            let sum = SHA256.hash(Array(bytes[..<reader.offset]))
            guard try reader.digest() == sum, homePages > 0, pages > homePages, pages <= UInt64(UInt32.max) else {
                return nil
            }
        } catch {
            return nil
        }
    }
}
