import Foundation
import ProvChain
import Synchronization

/// Prints and codes of everything registered, for finding what looks alike: three files of rows, searched by
/// comparing with every row.
///
/// It follows the index: each registration whose manifest is here and public adds the prints and the ISCC that its
/// manifest claims. It can be made again from the index and the attachments, so nothing waits for it to be durable;
/// after a crash it goes on from where it was last settled.
final class SearchIndex: Sendable {
    static let printRow = ShapePrint.byteCount
    /// Leaf, and whether it is a part: two little-endian words.
    static let placeRow = 16
    /// Leaf, which units there are, meta, data, instance: five little-endian words.
    static let codeRow = 40
    static let version = 1
    /// Registrations that are read from the index at a time.
    private static let batch = 500
    /// How long rows may be ahead of what a crash leaves.
    private static let settleSeconds = 30.0

    /// How far the rows go, as a crash leaves it.
    private struct Position: Codable, Equatable {
        var version = SearchIndex.version
        var chain: String
        /// The leaf of the next registration to look at.
        var leaf: UInt64 = 0
        var prints = 0
        var codes = 0
    }

    private struct State {
        var position: Position
        var settled: Position
        var settledAt = ContinuousClock.now
    }

    struct Match: Hashable, Sendable {
        let leaf: UInt64
        let basis: String
        let distance: Int
    }

    private let folder: String
    private let prints: RowFile
    private let places: RowFile
    private let codes: RowFile
    private let state: Mutex<State>

    /// Opens what is in `folder`, or starts anew if it is of another chain or layout.
    init(folder: String, chain: Digest, settings: SearchSettings) throws(SearchFailure) {
        self.folder = folder
        do { try AttachmentFile.makeDirectory(folder) } catch { throw .attachment(error) }
        let fresh = Position(chain: chain.hex)
        var position = fresh
        if let data = FileManager.default.contents(atPath: folder + "/position"),
            let found = try? JSONDecoder().decode(Position.self, from: data), found.version == Self.version,
            found.chain == chain.hex, found.prints >= 0, found.codes >= 0
        {
            position = found
        }
        // With another budget some rows may not fit any more, or some that did not fit may now.
        position.prints = min(position.prints, settings.prints)
        position.codes = min(position.codes, settings.codes)
        prints = try RowFile(
            path: folder + "/prints", rowBytes: Self.printRow, capacity: settings.prints, count: position.prints)
        places = try RowFile(
            path: folder + "/places", rowBytes: Self.placeRow, capacity: settings.prints, count: position.prints)
        codes = try RowFile(
            path: folder + "/codes", rowBytes: Self.codeRow, capacity: settings.codes, count: position.codes)
        state = Mutex(State(position: position, settled: position))
    }

    static func remove(_ folder: String) { try? FileManager.default.removeItem(atPath: folder) }

    var printCount: Int { places.count }
    var codeCount: Int { codes.count }
    var isFull: Bool { places.isFull || codes.isFull }

    // MARK: Following

    /// Takes in every registration that the index has and this has not. On one thread at a time.
    func follow(_ index: IndexDatabase, _ attachments: AttachmentFolder) throws(SearchFailure) {
        while true {
            let next = state.withLock { $0.position.leaf }
            let found: [Registration]
            do throws(DatabaseFailure) { found = try index.registrations(from: next, limit: Self.batch) } catch {
                throw .database(error)
            }
            for registration in found {
                try take(registration, attachments)
                state.withLock { $0.position.leaf = registration.leaf + 1 }
            }
            if found.count < Self.batch { break }
        }
        let isDue = state.withLock { $0.settledAt.duration(to: .now) > .seconds(Self.settleSeconds) }
        if isDue { try settle() }
    }

    /// A manifest that arrived after its registration was looked at.
    func takeLate(_ registrations: [Registration], _ attachments: AttachmentFolder) throws(SearchFailure) {
        let next = state.withLock { $0.position.leaf }
        for registration in registrations where registration.leaf < next { try take(registration, attachments) }
        // What was passed once is not looked at again after a crash.
        try settle()
    }

    private func take(_ registration: Registration, _ attachments: AttachmentFolder) throws(SearchFailure) {
        // A damaged or absent file is as good as none here; the attachments' own checks report it.
        guard let bytes = try? attachments.getPublic(registration.manifest), let manifest = try? Manifest(cbor: bytes)
        else { return }
        for shape in manifest.shapes {
            guard !places.isFull else { break }
            // Readers count places, so the print is there before its place is. One without a place is left of a
            // failure in between.
            prints.forget(from: places.count)
            try prints.append(shape.print.bytes)
            try places.append(Self.words([registration.leaf, shape.isPart ? 1 : 0]))
        }
        if let code = manifest.iscc, !codes.isFull {
            let bits = ISCCBits(code.units)
            let present = ISCCBits.Unit.allCases.enumerated().reduce(UInt64(0)) {
                $0 | (bits[$1.element] == nil ? 0 : 1 << UInt64($1.offset))
            }
            try codes.append(
                Self.words([registration.leaf, present] + ISCCBits.Unit.allCases.map { bits[$0] ?? 0 }))
        }
        state.withLock {
            $0.position.prints = places.count
            $0.position.codes = codes.count
        }
    }

    private static func words(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    }

    /// Makes what is there survive a crash.
    func settle() throws(SearchFailure) {
        let (position, settled) = state.withLock { ($0.position, $0.settled) }
        state.withLock { $0.settledAt = .now }
        guard position != settled else { return }
        for file in [prints, places, codes] { try file.synchronize() }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        guard let data = try? encoder.encode(position) else { preconditionFailure("a position is not JSON") }
        do {
            try AttachmentFile.replace(folder + "/position", with: Array(data), by: folder + "/tmp-position")
        } catch {
            throw .attachment(error)
        }
        state.withLock { $0.settled = position }
    }

    // MARK: Searching

    /// The nearest prints within ``ShapePrint/reviewDistance``, of each registration the nearest: a manifest may list
    /// hundreds that are nearly alike, and must not hide those of others.
    func nearest(to print: ShapePrint) -> [Match] {
        places.withRows { rows in
            let count = rows.count / Self.placeRow
            func leaf(_ row: Int) -> UInt64 {
                UInt64(littleEndian: rows.load(fromByteOffset: row * Self.placeRow, as: UInt64.self))
            }
            let found = prints.withRows { prints in
                PrintMatrix.nearest(
                    among: UnsafeRawBufferPointer(rebasing: prints.prefix(count * Self.printRow)), to: print,
                    owner: leaf)
            }
            return found.map { match in
                Match(
                    leaf: leaf(match.index),
                    basis: rows.load(fromByteOffset: match.index * Self.placeRow + 8, as: UInt8.self) == 1
                        ? "part" : "whole", distance: match.distance)
            }
        }
    }

    /// The nearest codes, at most ``PrintMatrix/maximumMatches``, in order of distance.
    func nearest(to bits: ISCCBits) -> [Match] {
        codes.withRows { rows in
            var found: [Match] = []
            for at in stride(from: 0, to: rows.count, by: Self.codeRow) {
                func word(_ index: Int) -> UInt64 {
                    UInt64(littleEndian: rows.load(fromByteOffset: at + 8 * index, as: UInt64.self))
                }
                let present = word(1)
                let other = ISCCBits(
                    meta: present & 1 == 0 ? nil : word(2), data: present & 2 == 0 ? nil : word(3),
                    instance: present & 4 == 0 ? nil : word(4))
                guard let (unit, distance) = bits.nearest(to: other) else { continue }
                found.append(Match(leaf: word(0), basis: unit.rawValue, distance: distance))
            }
            let sorted = found.sorted { ($0.distance, $0.leaf) < ($1.distance, $1.leaf) }
            return Array(sorted.prefix(PrintMatrix.maximumMatches))
        }
    }
}
