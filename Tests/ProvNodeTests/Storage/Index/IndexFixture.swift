import Foundation
import GRDB
import ProvChain

@testable import ProvNode

/// An index in a folder of its own.
struct IndexFixture {
    let folder: TestFolder
    let index: IndexDatabase

    var path: String { folder.file("index.sqlite") }

    init() throws {
        folder = try TestFolder()
        index = try IndexDatabase(path: folder.file("index.sqlite"))
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

    /// Every row of every table, and the words as the full-text index holds them.
    func contents() throws -> [String: [String]] {
        try index.pool.read { db in
            var contents: [String: [String]] = [:]
            let tables = [
                "blocks", "statements", "links", "works", "titles", "offers", "attachments", "words",
            ]
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
