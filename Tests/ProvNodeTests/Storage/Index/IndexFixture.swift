import Foundation
import GRDB
import ProvChain

@testable import ProvNode

/// An index in a folder of its own.
struct IndexFixture {
    let folder: TestFolder
    let index: IndexDatabase

    var path: String { folder.file("index.sqlite") }

    init(runEntries: Int = RegisterWriting.defaultRunEntries) throws {
        folder = try TestFolder()
        index = try IndexDatabase(path: folder.file("index.sqlite"), runEntries: runEntries)
    }

    init(folder: TestFolder, index: IndexDatabase) {
        self.folder = folder
        self.index = index
    }

    /// An index of the whole chain.
    init(_ chain: TestChain) throws {
        try self.init()
        try apply(chain)
    }

    func apply(_ chain: TestChain) throws {
        try index.apply(chain.blocks) { chain.attachments[$0] }
    }

    /// Every row of every table, the words as the full-text index holds them, and the entries of the register.
    func contents() throws -> [String: [String]] {
        try index.read { db, events in
            var contents: [String: [String]] = [:]
            try events.keys.forEach { contents["register", default: []].append("\($0)") }
            let tables = ["blocks", "statements", "works", "titles", "offers", "words"]
            for table in tables {
                contents[table] = try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map(\.description).sorted()
            }
            return contents
        }
    }

    func titles(_ words: String) throws -> [String] {
        try index.search(words, limit: 100).rows.compactMap(\.title)
    }
}
