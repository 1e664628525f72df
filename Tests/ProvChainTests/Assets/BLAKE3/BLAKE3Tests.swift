import Testing

@testable import ProvChain

/// BLAKE3 against the official implementation, for the official lengths, and against itself in pieces.
@Suite struct BLAKE3Tests {
    struct Vectors: Decodable {
        struct Case: Decodable {
            let inputLength: Int
            let hash: String
            let keyedHash: String
            let derivedKey: String

            enum CodingKeys: String, CodingKey {
                case hash
                case inputLength = "input_len"
                case keyedHash = "keyed_hash"
                case derivedKey = "derive_key"
            }
        }

        let key: String
        let context: String
        let cases: [Case]

        enum CodingKeys: String, CodingKey {
            case key, cases
            case context = "context_string"
        }
    }

    /// The input of the official vectors.
    static func input(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

    @Test func everyOfficialLengthInEveryMode() throws {
        let vectors: Vectors = try ForeignVectors.decode("iscc/vectors/blake3.json")
        for vector in vectors.cases {
            let data = Self.input(vector.inputLength)
            let length = vector.hash.count / 2
            var plain = BLAKE3()
            var keyed = try #require(BLAKE3(key: Array(vectors.key.utf8)))
            var derived = BLAKE3(derivingKeyFor: vectors.context)
            plain.update(data)
            keyed.update(data)
            derived.update(data)
            #expect(Hex.encode(plain.output(count: length)) == vector.hash, "\(vector.inputLength) bytes")
            #expect(Hex.encode(keyed.output(count: length)) == vector.keyedHash, "\(vector.inputLength) bytes, keyed")
            #expect(
                Hex.encode(derived.output(count: length)) == vector.derivedKey, "\(vector.inputLength) bytes, derived")
            #expect(BLAKE3.hash(data).hex == String(vector.hash.prefix(64)))
        }
        #expect(vectors.cases.count == 35)
        print("vectors: BLAKE3 \(vectors.cases.count) lengths, 3 modes, 131 bytes of output as expected")
    }

    /// Pieces decide which chunks go side by side, and must not decide the hash.
    @Test(arguments: [1, 63, 64, 1_000, 1_024, 4_096, 4_097, 65_535, 65_536, 70_000])
    func theHashDoesNotDependOnThePieces(size: Int) {
        let data = Self.input(140_001)
        var hasher = BLAKE3()
        for start in stride(from: 0, to: data.count, by: size) {
            hasher.update(Array(data[start..<min(start + size, data.count)]))
        }
        #expect(hasher.finalize() == BLAKE3.hash(data))
    }

    /// Every number of chunks around the width and the largest subtree, ±1 byte, whole and byte for byte.
    @Test func theParallelFormIsTheScalarForm() {
        for chunks in [4, 5, 7, 8, 9, 16, 31, 64, 65, 68, 100] {
            for extra in [-1, 0, 1] {
                let data = Self.input(chunks * BLAKE3.chunkByteCount + extra)
                var scalar = BLAKE3()
                for start in stride(from: 0, to: data.count, by: 1_000) {
                    scalar.update(Array(data[start..<min(start + 1_000, data.count)]))
                }
                #expect(scalar.finalize() == BLAKE3.hash(data), "\(chunks) chunks, \(extra) bytes")
            }
        }
    }

    /// Processors differ in how many chunks they hash side by side, and must not differ in the hash. The widest of
    /// this processor is held against the official vectors above.
    @Test func theHashDoesNotDependOnTheProcessor() {
        #expect(BLAKE3Width.available.first == .four)
        for chunks in [4, 8, 15, 16, 17, 31, 32, 48, 64, 65, 129, 200] {
            let data = Self.input(chunks * BLAKE3.chunkByteCount + chunks % 3)
            let hashes = BLAKE3Width.available.map { width in
                var hasher = BLAKE3(width: width)
                hasher.update(data)
                return hasher.finalize()
            }
            #expect(Set(hashes).count == 1, "\(chunks) chunks")
        }
    }

    /// Counters of chunks have two words; the high one is used beyond 4 TiB.
    @Test func groupsFarIntoAnInputAreNumberedInBothWords() {
        let data = Self.input(64 * BLAKE3.chunkByteCount)
        for firstChunk: UInt64 in [0, 1 << 32 - 64, 1 << 32, 5 << 32 + 128] {
            let chains = BLAKE3Width.available.map { width in
                let chain = data.withUnsafeBytes {
                    BLAKE3Subtree.chain(
                        $0.baseAddress!, chunkCount: 64, firstChunk: firstChunk, key: .initial, flags: 0, width: width)
                }
                return [chain.w0, chain.w1, chain.w2, chain.w3, chain.w4, chain.w5, chain.w6, chain.w7]
            }
            #expect(Set(chains).count == 1, "chunk \(firstChunk)")
        }
    }

    @Test func theValueStaysUsableAfterAnOutput() {
        var hasher = BLAKE3()
        hasher.update(Self.input(5_000))
        _ = hasher.finalize()
        hasher.update(Array(Self.input(6_000)[5_000...]))
        #expect(hasher.finalize() == BLAKE3.hash(Self.input(6_000)))
    }

    @Test func aKeyHas32Bytes() {
        #expect(BLAKE3(key: [UInt8](repeating: 1, count: 31)) == nil)
        #expect(BLAKE3(key: [UInt8](repeating: 1, count: 33)) == nil)
    }
}
