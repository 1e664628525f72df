import Foundation
import ProvChain
import Synchronization

/// Who read which restricted attachment, and when: one line of JSON per read, each with the hash of the one before,
/// so that no line can be changed or taken out without breaking all that follow. Durable before the bytes are given.
///
/// Lines are kept in segments of ``segmentDays``, named `<number of the first entry>-<its time>.jsonl`; a segment is
/// removed once all of it is older than ``retentionDays``.
final class AccessLog: Sendable {
    static let retentionDays: UInt64 = 180
    static let segmentDays: UInt64 = 30
    private static let dayMilliseconds: UInt64 = 86_400_000
    /// Bytes of a line at most; the last line of a segment is found within as many.
    private static let lineBytes = 4_096

    /// Why somebody was allowed to read.
    enum Ground: String, Codable, Sendable { case owner, role }

    /// One line.
    struct Entry: Codable, Hashable, Sendable {
        /// From 1, without gaps.
        let number: UInt64
        /// Milliseconds since 1970.
        let time: UInt64
        let party: String
        let key: String
        let attachment: String
        let ground: Ground
        /// SHA-256 of the line before, without its line break; zeros at the very beginning.
        let previous: String
    }

    struct Segment: Hashable, Sendable {
        let first: UInt64
        let time: UInt64

        var name: String {
            let digits = String(first)
            return String(repeating: "0", count: max(0, 12 - digits.count)) + digits + "-\(time).jsonl"
        }

        init(first: UInt64, time: UInt64) {
            self.first = first
            self.time = time
        }

        init?(name: String) {
            let parts = name.dropLast(".jsonl".count).split(separator: "-")
            guard parts.count == 2, let first = UInt64(parts[0]), let time = UInt64(parts[1]) else { return nil }
            self.init(first: first, time: time)
            guard self.name == name else { return nil }
        }
    }

    private struct State {
        var segments: [Segment]
        var next: UInt64
        var head: Digest
    }

    private let path: String
    private let state: Mutex<State>

    /// Opens the log in the folder `path`, or creates it. A line that a crash left unfinished is dropped: nobody
    /// was given anything for it.
    init(path: String) throws(AccessLogError) {
        self.path = path
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
        } catch {
            throw .failed(file: path, reason: "\(error)")
        }
        var found = State(segments: try Self.segments(path), next: 1, head: .zero)
        while let last = found.segments.last {
            if let line = try Self.lastLine(path + "/" + last.name, repairing: true) {
                let entry = try Self.entry(line, file: last.name)
                (found.next, found.head) = (entry.number + 1, SHA256.hash(line))
                break
            }
            try? FileManager.default.removeItem(atPath: path + "/" + last.name)
            found.segments.removeLast()
        }
        state = Mutex(found)
    }

    /// The last entry; number 0 and zeros if there is none.
    struct Head: Hashable, Sendable {
        var number: UInt64 = 0
        var hash = Digest.zero
    }

    var head: Head { state.withLock { Head(number: $0.next - 1, hash: $0.head) } }

    /// Writes one entry durably.
    ///
    /// - Parameter time: milliseconds since 1970.
    func append(
        time: UInt64, party: Digest, key: Digest, attachment: Digest, ground: Ground
    ) throws(AccessLogError) {
        try state.withLock { state throws(AccessLogError) in
            let entry = Entry(
                number: state.next, time: time, party: URN.party(party).description, key: key.hex,
                attachment: attachment.hex, ground: ground, previous: state.head.hex)
            let line = JSON.encode(entry, pretty: false)
            var segment = state.segments.last ?? Segment(first: entry.number, time: time)
            if time >= segment.time + Self.segmentDays * Self.dayMilliseconds {
                segment = Segment(first: entry.number, time: time)
            }
            let isNew = segment != state.segments.last
            try AccessFile.append(line + [UInt8(ascii: "\n")], to: path + "/" + segment.name, isNew: isNew, in: path)
            if isNew { state.segments.append(segment) }
            (state.next, state.head) = (state.next + 1, SHA256.hash(line))
            removeOld(&state, now: time)
        }
    }

    /// Removes segments all of whose entries are older than the retention.
    private func removeOld(_ state: inout State, now: UInt64) {
        while state.segments.count > 1,
            state.segments[1].time + Self.retentionDays * Self.dayMilliseconds <= now
        {
            try? FileManager.default.removeItem(atPath: path + "/" + state.segments[0].name)
            state.segments.removeFirst()
        }
    }

    // MARK: Reading

    /// Checks that all lines are entries, numbered without gaps, each with the hash of the one before.
    ///
    /// - Returns: how many entries there are, and the last one.
    static func verify(_ path: String) throws(AccessLogError) -> (count: UInt64, head: Head) {
        var count: UInt64 = 0
        var last: Head?
        for segment in try segments(path) {
            let file = path + "/" + segment.name
            guard let data = FileManager.default.contents(atPath: file) else {
                throw .failed(file: file, reason: "it cannot be read")
            }
            var lines = [UInt8](data).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            // What follows the last line break is empty, or was never finished.
            lines.removeLast()
            for line in lines {
                let entry = try Self.entry(Array(line), file: segment.name)
                let isFirst = last == nil && entry.number == segment.first
                let follows = last.map { $0.number + 1 == entry.number && $0.hash.hex == entry.previous } ?? isFirst
                guard follows else { throw .brokenChain(file: file, number: entry.number) }
                last = Head(number: entry.number, hash: SHA256.hash(Array(line)))
                count += 1
            }
        }
        return (count, last ?? Head())
    }

    /// In the order in which they were begun.
    static func segments(_ path: String) throws(AccessLogError) -> [Segment] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).compactMap(Segment.init(name:))
                .sorted { $0.first < $1.first }
        } catch {
            throw .failed(file: path, reason: "\(error)")
        }
    }

    private static func entry(_ line: [UInt8], file: String) throws(AccessLogError) -> Entry {
        do {
            return try JSONDecoder().decode(Entry.self, from: Data(line))
        } catch {
            throw .failed(file: file, reason: "a line is not an entry: \(error)")
        }
    }

    /// The last complete line of a file; what is behind it is cut off.
    private static func lastLine(_ file: String, repairing: Bool) throws(AccessLogError) -> [UInt8]? {
        do {
            let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file))
            defer { try? handle.close() }
            let size = try handle.seekToEnd()
            let start = size - min(size, UInt64(2 * lineBytes))
            try handle.seek(toOffset: start)
            let tail = [UInt8](try handle.readToEnd() ?? Data())
            guard let end = tail.lastIndex(of: UInt8(ascii: "\n")) else {
                if repairing { try handle.truncate(atOffset: start) }
                return nil
            }
            if repairing, end + 1 < tail.count { try handle.truncate(atOffset: start + UInt64(end + 1)) }
            let begin = tail[..<end].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            return Array(tail[begin..<end])
        } catch {
            throw .failed(file: file, reason: "\(error)")
        }
    }
}

/// Why a read could not be written down, or what is written is not whole.
enum AccessLogError: Hashable, Spoken {
    case failed(file: String, reason: String)
    case brokenChain(file: String, number: UInt64)

    var phrase: Phrase {
        switch self {
        case .failed(let file, let reason): Phrase("\(file): \(reason)", "\(file)：\(reason)")
        case .brokenChain(let file, let number):
            Phrase(
                "\(file): entry \(number) does not follow the one before it: the log was changed",
                "\(file)：第 \(number) 条与前一条不相接：日志已被改动")
        }
    }
}
