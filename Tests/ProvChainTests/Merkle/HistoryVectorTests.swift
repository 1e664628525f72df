import Foundation
import ProvChain
import Testing

/// The proofs of transparency-dev/merkle, good and bad, in the shared vectors.
@Suite struct HistoryVectorTests {
    private struct Inclusion: Decodable {
        let leafIdx: UInt64
        let treeSize: UInt64
        let root: String
        let leafHash: String
        let proof: [String]?
        let wantErr: Bool
    }

    private struct Consistency: Decodable {
        let size1: UInt64
        let size2: UInt64
        let root1: String
        let root2: String
        let proof: [String]?
        let wantErr: Bool
    }

    @Test func inclusionProofsAreJudgedAsPublished() throws {
        let vectors = try Self.read("inclusion", as: Inclusion.self)
        var agreed = 0
        for (file, vector) in vectors {
            let isAccepted = Self.accepts(vector)
            #expect(isAccepted == !vector.wantErr, "\(file)")
            agreed += isAccepted == !vector.wantErr ? 1 : 0
        }
        print("vectors: merkle inclusion \(agreed) of \(vectors.count) as expected")
    }

    @Test func consistencyProofsAreJudgedAsPublished() throws {
        let vectors = try Self.read("consistency", as: Consistency.self)
        var agreed = 0
        for (file, vector) in vectors {
            let isAccepted = Self.accepts(vector)
            #expect(isAccepted == !vector.wantErr, "\(file)")
            agreed += isAccepted == !vector.wantErr ? 1 : 0
        }
        print("vectors: merkle consistency \(agreed) of \(vectors.count) as expected")
    }

    private static func accepts(_ vector: Inclusion) -> Bool {
        guard let path = hashes(vector.proof), let leaf = hash(vector.leafHash), let root = hash(vector.root) else {
            return false
        }
        let proof = InclusionProof(leafIndex: vector.leafIdx, treeSize: vector.treeSize, path: path)
        return (try? proof.verify(leafHash: leaf, root: root)) != nil
    }

    private static func accepts(_ vector: Consistency) -> Bool {
        guard let path = hashes(vector.proof) else { return false }
        let proof = ConsistencyProof(oldSize: vector.size1, newSize: vector.size2, path: path)
        return (try? proof.verify(oldRoot: opaque(vector.root1), newRoot: opaque(vector.root2))) != nil
    }

    private static func hash(_ text: String) -> Digest? { Base64.decode(text).flatMap { Digest($0) } }

    private static func hashes(_ texts: [String]?) -> [Digest]? {
        let hashes = (texts ?? []).map(hash)
        return hashes.contains(nil) ? nil : hashes.compactMap(\.self)
    }

    /// Some vectors compare roots that are words ("don't care"); the hash of a word compares as it does.
    private static func opaque(_ text: String) -> Digest { hash(text) ?? SHA256.hash(Array(text.utf8)) }

    private static func read<T: Decodable>(_ kind: String, as: T.Type) throws -> [(String, T)] {
        let shared = ProcessInfo.processInfo.environment["PROV_SHARED"] ?? "../shared"
        let folder = "\(shared)/vectors/merkle/testdata/\(kind)"
        guard let files = FileManager.default.enumerator(atPath: folder) else {
            print("vectors: merkle \(kind) skipped, no \(folder)")
            return []
        }
        var vectors: [(String, T)] = []
        while let file = files.nextObject() as? String {
            guard file.hasSuffix(".json") else { continue }
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
            vectors.append((file, try JSONDecoder().decode(T.self, from: data)))
        }
        #expect(vectors.count > 90)
        return vectors
    }
}
