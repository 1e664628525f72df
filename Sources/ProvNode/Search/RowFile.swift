import Glibc
import ProvChain
import Synchronization

/// Rows of one length in a file that only grows, mapped into memory: the kernel keeps of it what is searched and
/// what it has room for.
///
/// One thread appends, any thread reads. A row never changes once it is counted.
final class RowFile: @unchecked Sendable {
    // Safe to share: the mapping stays until the last reference goes, and readers see only rows below `published`,
    // which were written before it was raised.

    let path: String
    let rowBytes: Int
    /// The most rows that the file may have.
    let capacity: Int
    private let descriptor: Int32
    private let base: UnsafeRawPointer
    private let published: Atomic<Int>

    /// Opens the file, or makes it. Rows from `count` on are forgotten.
    init(path: String, rowBytes: Int, capacity: Int, count: Int) throws(SearchFailure) {
        precondition(rowBytes > 0 && capacity > 0 && count >= 0, "\(count) of \(capacity) rows of \(rowBytes) bytes")
        self.path = path
        self.rowBytes = rowBytes
        self.capacity = capacity
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw .system(path, errno) }
        var info = stat()
        // The file has holes where no rows are yet, so that all of it can be mapped at once.
        guard fstat(descriptor, &info) == 0,
            Int(info.st_size) >= capacity * rowBytes || ftruncate(descriptor, capacity * rowBytes) == 0
        else {
            let code = errno
            Glibc.close(descriptor)
            throw .system(path, code)
        }
        let mapped = mmap(nil, capacity * rowBytes, PROT_READ, MAP_SHARED | MAP_NORESERVE, descriptor, 0)
        guard let mapped, mapped != MAP_FAILED else {
            let code = errno
            Glibc.close(descriptor)
            throw .system(path, code)
        }
        self.descriptor = descriptor
        base = UnsafeRawPointer(mapped)
        published = Atomic(min(count, capacity))
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: base), capacity * rowBytes)
        Glibc.close(descriptor)
    }

    var count: Int { published.load(ordering: .acquiring) }

    var isFull: Bool { count == capacity }

    /// Adds one row, which readers see from now on. On one thread at a time, and not if the file is full.
    func append(_ row: [UInt8]) throws(SearchFailure) {
        let count = count
        precondition(row.count == rowBytes && count < capacity, "\(row.count) bytes as row \(count) of \(capacity)")
        var written = 0
        while written < row.count {
            let step = row.withUnsafeBytes {
                pwrite(descriptor, $0.baseAddress! + written, $0.count - written, off_t(count * rowBytes + written))
            }
            if step < 0, errno == EINTR { continue }
            // Writing into the mapping would end the process on a full disk; this says so.
            guard step > 0 else { throw .system(path, errno) }
            written += step
        }
        published.store(count + 1, ordering: .releasing)
    }

    /// Forgets the rows from `count` on, of which no reader knows.
    func forget(from count: Int) {
        precondition(count >= 0 && count <= self.count, "\(count) of \(self.count) rows")
        published.store(count, ordering: .releasing)
    }

    /// Lends the rows that are there, one after the other.
    func withRows<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(start: base, count: count * rowBytes))
    }

    func synchronize() throws(SearchFailure) {
        guard fdatasync(descriptor) == 0 else { throw .system(path, errno) }
    }
}

/// Why the search cannot be kept. Everything else of the node goes on.
enum SearchFailure: Error, CustomStringConvertible {
    case system(String, Int32)
    case attachment(AttachmentError)
    case database(DatabaseFailure)

    var description: String {
        switch self {
        case .system(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .attachment(let error): "\(error)"
        case .database(let error): "\(error)"
        }
    }
}
