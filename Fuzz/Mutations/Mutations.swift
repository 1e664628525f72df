import Glibc
import ProvChain

// Real models, each changed in a few places, read as `provcli register` reads them. Built and run by
// scripts/hostile-models, which says what the arguments are. A crash ends the process; the line before it names the
// mutation, which is made of nothing but the file's name and a number, so it can be made again.

/// xorshift64*: the same mutations everywhere.
struct Numbers {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    mutating func below(_ limit: Int) -> Int { limit < 1 ? 0 : Int(next() >> 1) % limit }
}

/// One hostile file of a real one.
enum Mutation {
    private static let integers: [UInt32] = [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
        0x7FC0_0000, 0x7F80_0000, 0xFF80_0000, 0x0000_0001, 0x7F7F_FFFF,
    ]
    private static let words = [
        "-1", "0", "1e308", "1e-400", "NaN", "4294967295", "9223372036854775807", "18446744073709551616", "null", "{}",
        "[]", "\"\"", "true", "5126", "5121", "1e9", "f 1 1 1", "f -1 -2 -3", "v 1e38 -1e38 nan", "/", "999999999",
    ].map { Array($0.utf8) }

    /// `bytes` changed by what `number` stands for.
    static func apply(_ number: UInt64, to bytes: [UInt8], donor: [UInt8]) -> [UInt8] {
        var numbers = Numbers(number)
        var bytes = bytes
        // Half of them are changed so little that most still read as models, and reach what comes after the reading.
        if numbers.below(2) == 0 {
            for _ in 0...numbers.below(3) where !bytes.isEmpty { nudge(&bytes, &numbers) }
            return bytes
        }
        for _ in 0...numbers.below(8) where !bytes.isEmpty { change(&bytes, donor, &numbers) }
        // Most changes of a GLB would end at its length field; half of the time it is made to fit again.
        if bytes.count >= 12, bytes.starts(with: Array("glTF".utf8)), numbers.below(2) == 0 {
            for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
        }
        return bytes
    }

    /// Other numbers in the same places: bits and words of binary data, digits of text.
    private static func nudge(_ bytes: inout [UInt8], _ numbers: inout Numbers) {
        let place = numbers.below(bytes.count)
        if let digit = bytes[place...].prefix(64).firstIndex(where: { (0x30...0x39).contains($0) }) {
            bytes[digit] = 0x30 + UInt8(numbers.below(10))
        } else if numbers.below(2) == 0 {
            bytes[place] ^= 1 << UInt8(numbers.below(8))
        } else {
            put(integers[numbers.below(integers.count)], &bytes, place)
        }
    }

    private static func put(_ value: UInt32, _ bytes: inout [UInt8], _ place: Int) {
        let aligned = place & ~3
        for index in 0..<4 where aligned + index < bytes.count {
            bytes[aligned + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
        }
    }

    private static func change(_ bytes: inout [UInt8], _ donor: [UInt8], _ numbers: inout Numbers) {
        let at = numbers.below(bytes.count)
        // The beginning has the structure: headers, JSON, the first lines.
        let place = numbers.below(3) == 0 ? at : numbers.below(min(bytes.count, 4_096))
        switch numbers.below(10) {
        case 0: bytes[place] ^= 1 << UInt8(numbers.below(8))
        case 1: bytes[place] = UInt8(truncatingIfNeeded: numbers.next())
        case 2: bytes.removeSubrange(at..<bytes.count)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + numbers.below(64)))
        case 4:
            let part = bytes[at..<min(bytes.count, at + 1 + numbers.below(4_096))]
            bytes.insert(contentsOf: Array(part), at: place)
        case 5:
            put(integers[numbers.below(integers.count)], &bytes, place)
        case 6: replaceNumber(&bytes, from: place, &numbers)
        case 7:
            guard !donor.isEmpty else { return }
            let from = numbers.below(donor.count)
            let part = donor[from..<min(donor.count, from + 1 + numbers.below(2_048))]
            bytes.replaceSubrange(place..<min(bytes.count, place + part.count), with: part)
        case 8: bytes.insert(contentsOf: words[numbers.below(words.count)], at: place)
        default: swap(&bytes, place, at, numbers.below(256))
        }
    }

    /// The next run of digits becomes another value: counts, offsets and indices of JSON and OBJ.
    private static func replaceNumber(_ bytes: inout [UInt8], from place: Int, _ numbers: inout Numbers) {
        guard let start = bytes[place...].firstIndex(where: { (0x30...0x39).contains($0) }) else { return }
        let end = bytes[start...].firstIndex { !(0x30...0x39).contains($0) } ?? bytes.count
        bytes.replaceSubrange(start..<end, with: words[numbers.below(words.count)])
    }

    private static func swap(_ bytes: inout [UInt8], _ a: Int, _ b: Int, _ count: Int) {
        for offset in 0..<count where a + offset < bytes.count && b + offset < bytes.count {
            bytes.swapAt(a + offset, b + offset)
        }
    }
}

extension AssetFingerprint.Structure {
    var word: String {
        switch self {
        case .verified: "verified"
        case .notVerified: "not-verified"
        case .unknownFormat: "unknown-format"
        case .invalid: "invalid"
        case .overBudget: "over-budget"
        }
    }
}

/// What was found out in one run.
struct Tally {
    var counts: [String: Int] = [:]
    var slowest = (milliseconds: 0.0, name: "-")

    mutating func add(_ structure: AssetFingerprint.Structure, _ milliseconds: Double, _ name: String) {
        counts[structure.word, default: 0] += 1
        if milliseconds > slowest.milliseconds { slowest = (milliseconds, name) }
    }
}

enum Machine {
    static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    static var processorMilliseconds: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) * 1e3 }

    /// MiB that the process ever held.
    static var peakMebibytes: Int {
        var usage = rusage()
        // 0 is this process.
        getrusage(0, &usage)
        return usage.ru_maxrss / 1_024
    }

    static func content(_ path: String) -> [UInt8]? {
        // A name may hold anything, and a folder opens like a file.
        guard !path.utf8.contains(0), let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }

    /// At once, not when a buffer is full: whatever ends the process, what was said before is there.
    static func say(_ text: String, to descriptor: Int32) {
        let line = Array((text + "\n").utf8)
        var sent = 0
        while sent < line.count {
            let count = line.withUnsafeBytes { write(descriptor, $0.baseAddress! + sent, line.count - sent) }
            guard count > 0 else { return }
            sent += count
        }
    }
}

/// What registering does with a model: its structure, its components, the shapes to claim, its prints.
struct Reading {
    let asset: AssetFingerprint
    let prints: AssetPrints?

    /// - Parameters:
    ///   - path: of the file; what it names is looked for beside it.
    ///   - budgetBytes: the most that any file may become; a small one less, as when it is registered.
    init(_ bytes: [UInt8], _ path: String, _ budgetBytes: Int) {
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var budget = AssetBudget(fileBytes: bytes.count, atMost: budgetBytes)
        asset = AssetFingerprint.read(
            bytes: bytes, name: path,
            resolve: { path, maximum in
                let parts = path.split(separator: "/", omittingEmptySubsequences: false)
                precondition(
                    !path.hasPrefix("/") && !parts.contains("..") && !path.contains("://"),
                    "a file outside of the folder is asked for: \(path)")
                guard let content = Machine.content("\(folder)/\(path)"), content.count <= maximum else { return nil }
                return content
            }, budget: &budget)
        _ = asset.distinctiveShapes(bytes: budgetBytes)
        var prints = AssetBudget(bytes: budgetBytes)
        self.prints = try? asset.prints(budget: &prints)
    }
}

@main struct Mutations {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "mutate" where arguments.count > 5:
            guard let first = UInt64(arguments[1]), let count = UInt64(arguments[2]),
                let seconds = Double(arguments[3]), let budget = Int(arguments[4])
            else { exit(64) }
            mutate(first..<first + count, seconds, budget, Array(arguments[5...]))
        case "read" where arguments.count > 2:
            guard let budget = Int(arguments[1]) else { exit(64) }
            for path in arguments[2...] { read(path, budget) }
        case "known" where arguments.count > 1:
            for path in arguments[1...] { known(path) }
        default:
            Machine.say(
                "usage: mutations mutate FIRST COUNT SECONDS BUDGET FILE… | read BUDGET FILE… | known FILE…",
                to: STDERR_FILENO)
            exit(64)
        }
    }

    /// Prints, separated by tabs: mutations, verified, invalid, over budget, the rest, the slowest in milliseconds of
    /// the processor, MiB at the peak, the slowest's name.
    private static func mutate(_ numbers: Range<UInt64>, _ seconds: Double, _ budget: Int, _ paths: [String]) {
        var cache: [String: [UInt8]] = [:]
        for path in paths { cache[path] = Machine.content(path) }
        var tally = Tally()
        let end = Machine.seconds(CLOCK_MONOTONIC) + seconds
        for number in numbers where Machine.seconds(CLOCK_MONOTONIC) < end {
            let path = paths[Int(number % UInt64(paths.count))]
            let donor = paths[Int((number / 7) % UInt64(paths.count))]
            guard let original = cache[path], let other = cache[donor] else { continue }
            let name = "\(path)#\(number)"
            Machine.say(name, to: STDERR_FILENO)
            let bytes = Mutation.apply(number, to: original, donor: other)
            let before = Machine.processorMilliseconds
            let structure = Reading(bytes, path, budget).asset.structure
            tally.add(structure, Machine.processorMilliseconds - before, name)
        }
        let all = tally.counts.values.reduce(0, +)
        let counts = ["verified", "invalid", "over-budget"].map { tally.counts[$0] ?? 0 }
        let figures =
            [all] + counts + [
                all - counts.reduce(0, +), Int(tally.slowest.milliseconds.rounded(.up)), Machine.peakMebibytes,
            ]
        Machine.say((figures.map(String.init) + [tally.slowest.name]).joined(separator: "\t"), to: STDOUT_FILENO)
    }

    /// Prints the structure, the milliseconds of the processor, MiB at the peak so far, and the path.
    private static func read(_ path: String, _ budget: Int) {
        guard let bytes = Machine.content(path) else { exit(66) }
        Machine.say(path, to: STDERR_FILENO)
        let before = Machine.processorMilliseconds
        let structure = Reading(bytes, path, budget).asset.structure
        let spent = Int((Machine.processorMilliseconds - before).rounded(.up))
        Machine.say("\(structure.word)\t\(spent)\t\(Machine.peakMebibytes)\t\(path)", to: STDOUT_FILENO)
    }

    /// Prints a line for each leaf and each print, with the path in front.
    private static func known(_ path: String) {
        guard let bytes = Machine.content(path) else { exit(66) }
        let reading = Reading(bytes, path, AssetBudget().remaining)
        for component in reading.asset.components {
            Machine.say("\(path)\t\(component.kind.rawValue)\t\(component.hash.hex)", to: STDOUT_FILENO)
        }
        guard let prints = reading.prints else { return }
        for (kind, shapes) in [("whole", prints.whole.map { [$0] } ?? []), ("part", prints.components)] {
            for shape in shapes {
                let counts = "\(shape.triangles) \(shape.occurrences)"
                Machine.say("\(path)\t\(kind)\t\(shape.print.hex) \(counts)", to: STDOUT_FILENO)
            }
        }
    }
}
