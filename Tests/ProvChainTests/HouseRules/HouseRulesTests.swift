import Foundation
import ProvChain
import Testing

/// The rules of the house that a compiler does not know.
@Suite struct HouseRulesTests {
    private struct Source {
        /// Relative to Sources.
        let path: String
        /// Without comments.
        let code: String
        let lines: [String]

        var isChain: Bool { path.hasPrefix("ProvChain/") }
        var layer: String? { isChain ? path.split(separator: "/").dropFirst().first.map(String.init) : nil }
    }

    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Lowest first: a folder uses what stands before it, and nothing after it.
    private static let layers = [
        "Primitives", "Codec", "Crypto", "Merkle", "Assets", "Registry", "Ledger", "Mempool", "Consensus",
        "Transport", "Gossip", "Sync", "Proofs", "Node", "API",
    ]

    private static let loaded = Result { try load() }

    private static func sources() throws -> [Source] { try loaded.get() }

    private static func load() throws -> [Source] {
        let folder = root.appendingPathComponent("Sources")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        return try paths.sorted().map { path in
            let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            return Source(
                path: path, code: withoutComments(text),
                lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    /// Drops line comments, and blanks the contents of literals on one line; interpolations go with them.
    private static func withoutComments(_ text: String) -> String {
        var code: [UInt8] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            var isQuoted = false
            var previous: UInt8 = 0
            for byte in line {
                if isQuoted {
                    if byte == UInt8(ascii: "\""), previous != UInt8(ascii: "\\") { isQuoted = false }
                } else if byte == UInt8(ascii: "/"), previous == UInt8(ascii: "/") {
                    code.removeLast()
                    break
                } else if byte == UInt8(ascii: "\"") {
                    isQuoted = true
                }
                if !isQuoted { code.append(byte) }
                previous = byte
            }
            code.append(UInt8(ascii: "\n"))
        }
        return String(decoding: code, as: UTF8.self)
    }

    /// The words that start with a capital letter, as types do.
    private static func typeNames(in code: String) -> Set<String> {
        let words = code.utf8.split { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                false
            default: true
            }
        }
        return Set(words.filter { (0x41...0x5a).contains($0.first ?? 0) }.map { String(decoding: $0, as: UTF8.self) })
    }

    @Test func thereAreSources() throws {
        #expect(try Self.sources().filter(\.isChain).count > 50)
    }

    @Test func everyFolderOfTheLibraryIsALayer() throws {
        let folders = Set(try Self.sources().filter { $0.path.split(separator: "/").count > 2 }.compactMap(\.layer))
        #expect(folders.subtracting(Self.layers) == [])
    }

    /// Types are known by name. `Primitives` and `Codec` are one layer: a digest is written as CBOR.
    private static func layerViolations(_ sources: [Source]) throws -> [String] {
        func rank(_ layer: String) -> Int? { Self.layers.firstIndex(of: layer == "Primitives" ? "Codec" : layer) }
        var declared: [String: Set<String>] = [:]
        let declaration =
            /^(?:public |package |internal |final |indirect |nonisolated |@[A-Za-z]+(?:\([^)]*\))? )*(?:struct|enum|class|actor|protocol|typealias) ([A-Z]\w*)/
        for source in sources {
            for line in source.code.split(separator: "\n") where !line.hasPrefix("private") {
                guard let match = line.prefixMatch(of: declaration), let layer = source.layer else { continue }
                declared[String(match.1), default: []].insert(layer)
            }
        }
        var violations: [String] = []
        for source in sources {
            guard let layer = source.layer, let own = rank(layer) else { continue }
            for word in typeNames(in: source.code).sorted() {
                // A name that several layers declare says nothing, nor does one that nests in another type.
                guard let homes = declared[word], homes.count == 1, let home = homes.first.flatMap(rank) else {
                    continue
                }
                guard home > own else { continue }
                let isMember = source.code.contains(".\(word)") && !source.code.contains(" \(word)")
                let isNested = source.code.contains(try Regex("(?:struct|enum|class|protocol|typealias) \(word)\\b"))
                if !isMember, !isNested {
                    violations.append("\(source.path) uses \(word) of \(homes.sorted().joined())")
                }
            }
        }
        return violations
    }

    @Test func noLayerUsesAHigherOne() throws {
        #expect(try Self.layerViolations(Self.sources().filter(\.isChain)) == [])
    }

    /// The detector is tested too.
    @Test func aUseOfAHigherLayerIsFound() throws {
        let low = Source(path: "ProvChain/Merkle/Low.swift", code: "func f(_ x: [Tower]) {}", lines: [])
        let high = Source(path: "ProvChain/Ledger/High.swift", code: "public struct Tower {}", lines: [])
        #expect(try Self.layerViolations([low, high]) == ["ProvChain/Merkle/Low.swift uses Tower of Ledger"])
        #expect(try Self.layerViolations([high]) == [])
        #expect(Self.withoutComments("let a = \"Tower // x\" // Tower") == "let a = \" \n")
    }

    @Test func theLibraryImportsNoShell() throws {
        let allowed: Set<String> = ["CSecp256k1", "CSodium", "CLibCrypto", "CBLAKE3", "Dispatch", "Synchronization"]
        for source in try Self.sources().filter(\.isChain) {
            for match in source.code.matches(
                of: /(?m)^\s*(?:@\w+ )?(?:public |package |internal )?import (?:struct |enum |class |func )?(\w+)/)
            {
                let module = String(match.1)
                let isForJSON = source.layer == "API" && module == "FoundationEssentials"
                #expect(allowed.contains(module) || isForJSON, "\(source.path) imports \(module)")
            }
        }
    }

    @Test func noFileIsACupboard() throws {
        for source in try Self.sources() {
            for word in ["Utils", "Utilities", "Helpers", "Common", "Manager"] {
                #expect(!source.path.contains(word), "\(source.path)")
            }
        }
    }

    @Test func nothingIsForcedOrLeftForLater() throws {
        for source in try Self.sources() {
            for forbidden in ["try!", "fatalError(", "as!"] {
                #expect(!source.code.contains(forbidden), "\(source.path) has \(forbidden)")
            }
            for (number, line) in source.lines.enumerated() {
                #expect(!line.contains("TODO") && !line.contains("FIXME"), "\(source.path):\(number + 1)")
            }
        }
    }

    /// Sizes are a smell, not an error: they are only printed.
    @Test func sizesAreReported() throws {
        for source in try Self.sources() {
            if source.lines.count > 300 { print("size: \(source.path) has \(source.lines.count) lines") }
            let long = source.lines.enumerated().filter { $0.element.count > 120 }
            for (number, line) in long { print("size: \(source.path):\(number + 1) has \(line.count) columns") }
        }
    }
}
