import Foundation
import ProvChain
import Testing

@testable import ProvNode

@Suite("An index filled in bulk is the index that blocks make one by one")
struct IndexFillingTests {
    private static func chain() throws -> TestChain {
        var chain = try TestChain()
        let (alice, bob) = (try chain.enrol("alice"), try chain.enrol("bob"))
        let vase = try chain.register("vase", distinctive: ["handle", "foot"], by: alice)
        _ = try chain.register("bowl", distinctive: ["foot"], by: bob)
        let offer = try chain.offer(2_500, of: vase, from: alice, to: bob)
        try chain.append([offer])
        try chain.append([try chain.accept(offer, by: bob)])
        return chain
    }

    /// The chain has some 50 entries in the register.
    @Test(arguments: [1, 7, 1_000]) func sameRows(runEntries: Int) throws {
        let chain = try Self.chain()
        let folder = try TestFolder()
        let filling = try IndexFilling(path: folder.file("index.sqlite"), runEntries: runEntries)
        try filling.add(Array(chain.blocks.prefix(2))) { chain.attachments[$0] }
        try filling.add(Array(chain.blocks.dropFirst(2))) { chain.attachments[$0] }
        try filling.finish { _ in }

        let index = try IndexDatabase(path: folder.file("index.sqlite"))
        #expect(index.height == chain.blocks.last?.header.height)
        let filled = IndexFixture(folder: folder, index: index)
        #expect(try filled.contents() == IndexFixture(chain).contents())
        #expect(try filled.titles("vase").count == 1)
    }

    @Test func anInterruptedOneCountsAsNone() throws {
        let chain = try Self.chain()
        let folder = try TestFolder()
        let filling = try IndexFilling(path: folder.file("index.sqlite"))
        try filling.add(chain.blocks) { _ in nil }
        let copy = try TestFolder()
        try copy.write(try folder.read("index.sqlite"), "index.sqlite")
        // Who only reads sees no index either.
        #expect(try IndexSchema.file(copy.file("index.sqlite")).openReadOnly() == nil)
        let index = try IndexDatabase(path: copy.file("index.sqlite"))
        #expect(index.height == nil)
        try index.apply(chain.blocks) { chain.attachments[$0] }
        #expect(try IndexFixture(folder: copy, index: index).contents() == IndexFixture(chain).contents())
    }

    @Test func blocksComeInOrder() throws {
        let chain = try Self.chain()
        let folder = try TestFolder()
        let path = folder.file("index.sqlite")
        let filling = try IndexFilling(path: path)
        #expect(throws: DatabaseFailure.heightNotNext(file: path, expected: 0, found: 1)) {
            try filling.add([chain.blocks[1]]) { _ in nil }
        }
    }
}
