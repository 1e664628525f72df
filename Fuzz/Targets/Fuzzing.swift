import Glibc

/// The place where libFuzzer and the targets meet: one program holds every target, and the environment says which
/// of them reads the bytes, so that the library is built once and not once for each decoder.
///
///     PROV_FUZZ_TARGET=cbor fuzz -max_total_time=60 corpus/cbor
///
/// A target takes any bytes and must return. It fails by a trap, an error of the sanitizer, a broken ``require(_:_:)``,
/// by taking too long, or by exceeding the limits that `scripts/fuzz` passes to libFuzzer.
struct FuzzTarget: Sendable {
    let name: String
    /// The decoders that it covers, in a few words.
    let decoders: String
    /// The longest input that libFuzzer makes. Longer ones say little more and cost throughput.
    let maximumBytes: Int
    let run: @Sendable ([UInt8]) -> Void

    init(_ name: String, _ decoders: String, atMost maximumBytes: Int, _ run: @escaping @Sendable ([UInt8]) -> Void) {
        self.name = name
        self.decoders = decoders
        self.maximumBytes = maximumBytes
        self.run = run
    }

    static let all: [FuzzTarget] = [
        .cbor, .statement, .record, .cose, .key, .genesis, .block, .bundle, .note, .tile, .manifest, .json, .gltf,
        .mesh, .text, .log,
    ]

    /// The one that this process runs.
    static let selected: FuzzTarget = {
        let name = getenv("PROV_FUZZ_TARGET").map { String(cString: $0) } ?? ""
        if name == "list" {
            for target in all { print("\(target.name)\t\(target.maximumBytes)\t\(target.decoders)") }
            exit(0)
        }
        guard let target = all.first(where: { $0.name == name }) else {
            complain("PROV_FUZZ_TARGET must be list or one of \(all.map(\.name).joined(separator: ", "))")
            exit(64)
        }
        return target
    }()
}

@_cdecl("LLVMFuzzerInitialize")
public func initializeFuzzer(_ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?) -> CInt {
    _ = FuzzTarget.selected
    return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let before = processorTime()
    FuzzTarget.selected.run(Array(UnsafeBufferPointer(start: start, count: count)))
    let milliseconds = (processorTime() - before) / 1_000_000
    require(milliseconds <= longestRun, "\(count) bytes took \(milliseconds) ms, more than \(longestRun)")
    return 0
}

/// How long one input may take, in milliseconds of the processor and not of the clock, so that what else runs on
/// the machine is not taken for a finding.
private let longestRun: Int = getenv("PROV_FUZZ_MILLISECONDS").flatMap { Int(String(cString: $0)) } ?? 4_000

/// What this process has used of the processor, in nanoseconds.
private func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// A property of a decoder. libFuzzer keeps the input and prints the stack if it does not hold.
func require(_ holds: Bool, _ property: @autoclosure () -> String) {
    guard !holds else { return }
    complain("property broken in target \(FuzzTarget.selected.name): \(property())")
    abort()
}

private func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
