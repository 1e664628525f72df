import ProvChain
import Testing

/// ISCC codes against iscc-core, the reference implementation of ISO 24138.
@Suite struct ISCCVectorTests {
    struct Published: Decodable {
        struct Case: Decodable {
            let function: String
            let name: String
            let iscc: String
            let bits: Int?
            let bytes: String?
            let datahash: String?
            let filesize: UInt64?
            let title: String?
            let about: String?
            let payload: String?
            let normalTitle: String?
            let normalAbout: String?
            let metahash: String?
            let units: [String]?

            var input: [UInt8] {
                get throws {
                    let digits = try #require(bytes)
                    return try hex(digits)
                }
            }

            var length: ISCCLength {
                get throws {
                    let count = try #require(bits)
                    return try #require(ISCCLength(bits: count))
                }
            }
        }

        let cases: [Case]
    }

    struct Rows<Row: Decodable>: Decodable {
        let rows: [Row]
    }

    /// Seed, size, kind, Data-Code, Instance-Code.
    struct Generated: Decodable {
        let seed: UInt64
        let size: Int
        let kind: Int
        let dataHash: String
        let blake3: String

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            let digits = try row.decode(String.self)
            seed = try #require(UInt64(digits))
            size = try row.decode(Int.self)
            kind = try row.decode(Int.self)
            dataHash = try row.decode(String.self)
            blake3 = try row.decode(String.self)
        }
    }

    static func published(_ function: String) throws -> [Published.Case] {
        let vectors: Published = try ForeignVectors.decode("iscc/vectors/iscc-core.json")
        return vectors.cases.filter { $0.function == function }
    }

    @Test func publishedDataCodes() throws {
        let cases = try Self.published("gen_data_code_v0")
        for vector in cases {
            let digests = try FileDigests(of: vector.input)
            #expect(try digests.dataCode(vector.length).text == vector.iscc, "\(vector.name)")
        }
        #expect(cases.count == 4)
        print("vectors: iscc-core Data-Code \(cases.count) as expected")
    }

    @Test func publishedInstanceCodes() throws {
        let cases = try Self.published("gen_instance_code_v0")
        for vector in cases {
            let digests = try FileDigests(of: vector.input)
            #expect(try digests.instanceCode(vector.length).text == vector.iscc, "\(vector.name)")
            #expect(digests.dataMultihash == vector.datahash)
            #expect(digests.size == vector.filesize)
        }
        #expect(cases.count == 3)
        print("vectors: iscc-core Instance-Code \(cases.count) as expected")
    }

    @Test func publishedMetaCodes() throws {
        let cases = try Self.published("gen_meta_code_v0")
        for vector in cases {
            let title = try #require(vector.title)
            let metadata = try vector.payload.map { try hex($0) }
            let code = try ISCCMetaCode(title: title, description: vector.about ?? "", metadata: metadata)
            #expect(try code.unit(vector.length).text == vector.iscc, "\(vector.name)")
            #expect(Array(code.title.unicodeScalars) == Array((vector.normalTitle ?? "").unicodeScalars))
            #expect(Array(code.description.unicodeScalars) == Array((vector.normalAbout ?? "").unicodeScalars))
            #expect(code.metahash == vector.metahash, "\(vector.name)")
        }
        #expect(cases.count == 20)
        print("vectors: iscc-core Meta-Code \(cases.count) as expected")
    }

    @Test func publishedComposites() throws {
        let cases = try Self.published("gen_iscc_code_v0")
        for vector in cases {
            let texts = try #require(vector.units)
            let units = try texts.map { try ISCCUnit(text: $0) }
            let code = try ISCCCode(units)
            #expect(code.text == vector.iscc, "\(vector.name)")
            #expect(try ISCCCode(text: vector.iscc) == code)
        }
        #expect(cases.count == 5)
        print("vectors: iscc-core ISCC-CODE \(cases.count) as expected")
    }

    /// In one piece and, for every third, in pieces of an odd size.
    @Test func generatedFilesOfEverySize() throws {
        let vectors: Rows<Generated> = try ForeignVectors.decode("iscc/vectors/random.json")
        var agreed = 0
        for (index, row) in vectors.rows.enumerated() {
            let data = RandomInput.bytes(seed: row.seed, size: row.size, kind: row.kind)
            var hasher = FileDigests.Hasher()
            if index % 3 == 0 {
                let piece = 1 + index * 7
                for start in stride(from: 0, to: data.count, by: piece) {
                    hasher.update(Array(data[start..<min(start + piece, data.count)]))
                }
            } else {
                hasher.update(data)
            }
            let digests = hasher.finalize()
            #expect(digests.dataHash.hex == row.dataHash, "row \(index), \(row.size) bytes, kind \(row.kind)")
            #expect(digests.blake3.hex == row.blake3, "row \(index), \(row.size) bytes, kind \(row.kind)")
            if digests.dataHash.hex == row.dataHash, digests.blake3.hex == row.blake3 { agreed += 1 }
        }
        #expect(vectors.rows.count == 1_000)
        print("vectors: iscc-core on generated files \(agreed) of \(vectors.rows.count) as expected")
    }

    /// Path, size, Data-Code, Instance-Code, ISCC-SUM of real files.
    @Test(.enabled(if: AssetFiles.arePresent, PublishedVectors.absence))
    func publicModels() throws {
        struct Row: Decodable {
            let path: String
            let size: Int
            let dataHash, blake3, sum: String

            init(from decoder: any Decoder) throws {
                var row = try decoder.unkeyedContainer()
                path = try row.decode(String.self)
                size = try row.decode(Int.self)
                dataHash = try row.decode(String.self)
                blake3 = try row.decode(String.self)
                sum = try row.decode(String.self)
            }
        }
        let vectors: Rows<Row> = try ForeignVectors.decode("iscc/vectors/models.json")
        for row in vectors.rows {
            let bytes = try AssetFiles.bytes(AssetFiles.models, row.path)
            let digests = FileDigests(of: bytes)
            #expect(bytes.count == row.size, "\(row.path)")
            #expect(digests.dataHash.hex == row.dataHash, "\(row.path)")
            #expect(digests.blake3.hex == row.blake3, "\(row.path)")
            #expect(digests.iscc().text == row.sum, "\(row.path)")
        }
        #expect(vectors.rows.count >= 150)
        print("vectors: iscc-core on public models \(vectors.rows.count) as expected")
    }

    /// Every scalar with a decomposition or a combining class, then random texts.
    @Test func generatedTitles() throws {
        let vectors: Rows<[String]> = try ForeignVectors.decode("iscc/vectors/text.json")
        var agreed = 0
        for (index, row) in vectors.rows.enumerated() {
            let code = try ISCCMetaCode(title: row[0], description: row[1])
            #expect(code.unit(.bits256).text == row[2], "row \(index)")
            #expect(code.metahash == row[3], "row \(index)")
            if code.unit(.bits256).text == row[2], code.metahash == row[3] { agreed += 1 }
        }
        #expect(vectors.rows.count == 1_000)
        print("vectors: iscc-core on generated titles \(agreed) of \(vectors.rows.count) as expected")
    }
}
