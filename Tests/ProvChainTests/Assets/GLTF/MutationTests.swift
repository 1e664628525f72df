import Foundation
import ProvChain
import Testing

/// Real models with random damage: reading ends, in an asset or an error, within its budget.
@Suite(.enabled(if: AssetFiles.arePresent, PublishedVectors.absence))
struct MutationTests {
    /// SplitMix64: the same damage on every run.
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    static let models = ["candle.gltf.glb", "coin.gltf.glb", "key.gltf.glb"]
    static let limit = Duration.seconds(9)

    private func damage(_ bytes: [UInt8], _ random: inout Generator) -> [UInt8] {
        var bytes = bytes
        // Mostly in the container and its JSON, where structure is.
        let head = min(bytes.count, 3_000)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let range = Int.random(in: 0..<4, using: &random) == 0 ? 0..<bytes.count : 0..<min(head, bytes.count)
            let at = Int.random(in: range, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes[at] = UInt8(ascii: "9")
            case 3: bytes.removeLast(min(bytes.count - 21, Int.random(in: 0..<64, using: &random)))
            default:
                // Digits take the place of digits: the JSON stays JSON.
                if let digit = bytes[at...].firstIndex(where: { (0x30...0x39).contains($0) }) {
                    bytes[digit] = UInt8.random(in: 0x30...0x39, using: &random)
                }
            }
        }
        return bytes
    }

    @Test func damagedModelsNeverCrash() throws {
        let folder = AssetFiles.models.appendingPathComponent("kaykit-dungeon")
        var random = Generator(state: 20_261_121)
        let originals = try Self.models.map { try AssetFiles.bytes(folder, $0) }
        let clock = ContinuousClock()
        let start = clock.now
        var (read, refused, over, total) = (0, 0, 0, 0)
        while total < 3_000, clock.now - start < Self.limit {
            var budget = AssetBudget(bytes: 4 << 20)
            let found = AssetFingerprint.read(
                bytes: damage(originals[total % originals.count], &random), name: "damaged.glb", budget: &budget)
            total += 1
            switch found.structure {
            case .verified, .notVerified: read += 1
            case .invalid(let issues):
                refused += 1
                #expect(!issues.isEmpty)
            case .overBudget: over += 1
            case .unknownFormat: Issue.record("the name says what it is")
            }
        }
        print("mutations: \(total) of three models: \(read) read, \(refused) refused, \(over) over budget")
        #expect(total > 200)
    }
}
