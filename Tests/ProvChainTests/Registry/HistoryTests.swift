@testable import ProvChain
import Testing

/// The hash chains of the records, computed again by code that shares nothing with the library but SHA-256.
@Suite struct HistoryTests {
    @Test func headsFollowFromTheLogAlone() throws {
        var chain = try TestChain()
        let scene = try Scene(&chain)
        let offer = try scene.offer(&chain)
        try chain.append([
            chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob),
            chain.registration(TestChain.content("vase"), by: scene.bob).statement,
        ])

        // Execute the log again and note every effect.
        var replay = try Ledger.start(chain.file)
        var effects = replay.block.execution.applied.flatMap(\.effects)
        for block in chain.blocks.dropFirst() {
            let executed = try replay.ledger.execute(block.header, statements: block.statements, source: MemoryState())
            try replay.ledger.commit(executed)
            effects += executed.execution.applied.flatMap(\.effects)
        }
        var heads: [URN: (count: UInt64, head: [UInt8])] = [:]
        for effect in effects {
            let before = heads[effect.urn] ?? (0, [UInt8](repeating: 0, count: 32))
            let head = Self.head(
                after: before.head, count: before.count + 1, link: effect.link,
                body: SHA256.hash(effect.record.body).bytes)
            heads[effect.urn] = (before.count + 1, head)
            #expect(effect.record.history == History(count: before.count + 1, head: try #require(Digest(head))))
        }
        #expect(heads[.work(scene.work)]?.count == 4, "registration, offer, acceptance, contest")
        for (urn, expected) in heads {
            let history = try #require(try chain.ledger.record(urn, source: chain.state)?.history)
            #expect(history.count == expected.count && history.head.bytes == expected.head)
        }
    }

    @Test func linksNameStatementBlockAndTime() throws {
        var chain = try TestChain()
        let (alice, bob) = (try chain.applicant("alice"), try chain.applicant("bob"))
        let block = try chain.append([
            chain.enrolment(alice.application), chain.enrolment(bob.application),
        ])
        for (position, applied) in block.execution.applied.enumerated() {
            #expect(applied.position == UInt64(position))
            for effect in applied.effects {
                #expect(effect.link.statement == applied.statement.id)
                #expect(effect.link.height == 1 && effect.link.time == chain.now)
                #expect(effect.link.position == UInt64(position))
                #expect(effect.key == effect.urn.stateKey)
            }
        }
    }

    /// SHA-256 of ["provchain/history/1", head, count, statement, height, position, time, body], by hand.
    private static func head(after head: [UInt8], count: UInt64, link: HistoryLink, body: [UInt8]) -> [UInt8] {
        let tag = Array("provchain/history/1".utf8)
        var bytes: [UInt8] = [0x80 + 8, 0x60 + UInt8(tag.count)] + tag
        bytes += [0x58, 32] + head + uint(count)
        bytes += [0x58, 32] + link.statement.bytes
        bytes += uint(link.height) + uint(link.position) + uint(link.time)
        bytes += [0x58, 32] + body
        return SHA256.hash(bytes).bytes
    }

    private static func uint(_ value: UInt64) -> [UInt8] {
        let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        switch value {
        case 0..<24: return [UInt8(value)]
        case 24...0xff: return [0x18] + bytes[7...]
        case 0x100...0xffff: return [0x19] + bytes[6...]
        case 0x1_0000...0xffff_ffff: return [0x1a] + bytes[4...]
        default: return [0x1b] + bytes
        }
    }
}
