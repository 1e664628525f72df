import Glibc
import ProvChain

// Real models, each changed in one to eight places, read as `provcli register` reads them. Built and run by
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
        for _ in 0...numbers.below(8) where !bytes.isEmpty { change(&bytes, donor, &numbers) }
        // Most changes of a GLB would end at its length field; half of the time it is made to fit again.
        if bytes.count >= 12, bytes.starts(with: Array("glTF".utf8)), numbers.below(2) == 0 {
            for index in 0..<4 { bytes[8 + index] = UInt8(truncatingIfNeeded: bytes.count >> (8 * index)) }
        }
        return bytes
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
            let value = integers[numbers.below(integers.count)]
            let aligned = place & ~3
            for index in 0..<4 where aligned + index < bytes.count {
                bytes[aligned + index] = UInt8(truncatingIfNeeded: value >> UInt32(8 * index))
            }
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

/// What was found out in one run.
struct Tally {
    var read = 0
    var verified = 0
    var invalid = 0
    var other = 0
    var slowest = (milliseconds: 0.0, name: "")

    mutating func add(_ structure: AssetFingerprint.Structure, _ milliseconds: Double, _ name: String) {
        read += 1
        switch structure {
        case .verified: verified += 1
        case .invalid: invalid += 1
        case .notVerified, .unknownFormat, .overBudget: other += 1
        }
        if milliseconds > slowest.milliseconds { slowest = (milliseconds, name) }
    }
}

func processorMilliseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) * 1e-6
}

func content(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { return bytes }
        bytes += buffer[..<count]
    }
}

/// Everything that registering does with a model.
func fingerprint(_ bytes: [UInt8], _ name: String, _ budgetBytes: Int) -> AssetFingerprint.Structure {
    var budget = AssetBudget(bytes: budgetBytes)
    let asset = AssetFingerprint.read(bytes: bytes, name: name, budget: &budget)
    _ = asset.distinctiveShapes(bytes: budgetBytes)
    var prints = AssetBudget(bytes: budgetBytes)
    _ = try? asset.prints(budget: &prints)
    return asset.structure
}

@main struct Mutations {
    /// hostile-models FIRST COUNT SECONDS BUDGET FILE…
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count > 5, let first = UInt64(arguments[1]), let count = UInt64(arguments[2]),
            let seconds = Double(arguments[3]), let budget = Int(arguments[4])
        else {
            print("usage: mutations FIRST COUNT SECONDS BUDGET FILE…")
            exit(64)
        }
        let paths = Array(arguments[5...])
        var cache: [String: [UInt8]] = [:]
        for path in paths { cache[path] = content(path) }
        var tally = Tally()
        var started = timespec()
        clock_gettime(CLOCK_MONOTONIC, &started)
        for number in first..<first + count {
            let path = paths[Int(number % UInt64(paths.count))]
            let donor = paths[Int((number / 7) % UInt64(paths.count))]
            guard let original = cache[path], let other = cache[donor] else { continue }
            let name = "\(path)#\(number)"
            // Written before it is tried: whatever ends the process, this is the last line of the journal.
            let line = Array((name + "\n").utf8)
            _ = write(STDERR_FILENO, line, line.count)
            let bytes = Mutation.apply(number, to: original, donor: other)
            let before = processorMilliseconds()
            let structure = fingerprint(bytes, path, budget)
            tally.add(structure, processorMilliseconds() - before, name)
            var now = timespec()
            clock_gettime(CLOCK_MONOTONIC, &now)
            if Double(now.tv_sec - started.tv_sec) > seconds { break }
        }
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        print(
            tally.read, tally.verified, tally.invalid, tally.other, Int(tally.slowest.milliseconds.rounded(.up)),
            usage.ru_maxrss / 1_024, tally.slowest.name, separator: "\t")
    }
}
