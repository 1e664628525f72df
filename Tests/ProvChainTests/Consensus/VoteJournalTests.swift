import Testing

@testable import ProvChain

@Suite struct VoteJournalTests {
    private let chain = SHA256.hash([1])
    private let key = SHA256.hash([9])

    private func records() -> [VoteJournal.Record] {
        let story = ViewStory()
        let block = story.header(1)
        return [
            .owner(chain: chain, key: key), .block(block, body: [1, 2, 3]),
            .vote(story.vote(.notarize, 1, by: 0, block)), .certificate(story.certificate(.notarize, 1, block)),
            .vote(story.vote(.finalize, 1, by: 0, block)),
        ]
    }

    private func frames(_ records: [VoteJournal.Record]) -> [[UInt8]] {
        records.enumerated().map { VoteJournal.frame($1, sequence: UInt64($0)) }
    }

    private func recover(_ first: [UInt8]?, _ second: [UInt8]?, hasVoted: Bool = true) -> VoteJournal.Recovery {
        VoteJournal.recover([first, second], chain: chain, key: key, hasVoted: hasVoted)
    }

    /// "PVJ1", length, number, CBOR `[0, chain, key]`, SHA-256 of all that cut to 16 bytes.
    @Test func theBytesOfAFrame() throws {
        let payload = try hex("83 00 58 20") + chain.bytes + hex("58 20") + key.bytes
        let head = try hex("50564a31 00000046 0000000000000000")
        let expected = head + payload + SHA256.hash(head + payload).bytes.prefix(16)
        #expect(VoteJournal.frame(.owner(chain: chain, key: key), sequence: 0) == expected)
    }

    @Test func twoWholeCopiesAreReadAsWritten() {
        let bytes = frames(records()).flatMap { $0 }
        #expect(
            recover(bytes, bytes) == .recovered(Array(records().dropFirst()), bytes: bytes, repaired: 0, cut: 0))
    }

    @Test func aTornTailIsCutOff() {
        let frames = frames(records())
        let whole = frames.dropLast().flatMap { $0 }
        for kept in 0..<frames[4].count {
            let torn = whole + frames[4].prefix(kept)
            let expected = Array(records().dropFirst().dropLast())
            #expect(recover(torn, torn) == .recovered(expected, bytes: whole, repaired: 0, cut: 2 * kept))
        }
    }

    @Test func whatOneCopyHasTheOtherGets() {
        let bytes = frames(records()).flatMap { $0 }
        let all = Array(records().dropFirst())
        // Synced to one copy, and then the power went.
        let behind = frames(records()).dropLast().flatMap { $0 }
        #expect(recover(behind, bytes) == .recovered(all, bytes: bytes, repaired: 1, cut: 0))
        #expect(recover(bytes, nil) == .recovered(all, bytes: bytes, repaired: 5, cut: 0))
    }

    /// Each byte of one copy, changed: the other repairs it.
    @Test func oneGoodCopyRepairsTheOther() {
        let bytes = frames(records()).flatMap { $0 }
        for position in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[position] ^= 0x40
            guard case .recovered(let found, let repaired, 1, _) = recover(damaged, bytes) else {
                Issue.record("byte \(position)")
                continue
            }
            #expect(found == Array(records().dropFirst()) && repaired == bytes)
        }
    }

    @Test func damageBeforeTheEndOfBothIsRefused() {
        let frames = frames(records())
        var damaged = frames
        damaged[2][20] ^= 1
        let bytes = damaged.flatMap { $0 }
        #expect(recover(bytes, bytes) == .lost(.damaged(number: 2)))
        // Also if only one of them still knows that something came later.
        #expect(recover(bytes, frames.prefix(2).flatMap { $0 }) == .lost(.damaged(number: 2)))
        // A whole record missing is damage too.
        let gap = (frames.prefix(2) + frames.suffix(1)).flatMap { $0 }
        #expect(recover(gap, gap) == .lost(.damaged(number: 2)))
    }

    @Test func aJournalThatIsGoneIsLostUnlessTheKeyIsNew() {
        #expect(recover(nil, nil) == .lost(.missing))
        #expect(recover([], nil) == .lost(.missing))
        #expect(recover(nil, nil, hasVoted: false) == .fresh)
    }

    @Test func anotherKeysJournalIsRefused() {
        let bytes = frames(records()).flatMap { $0 }
        let other = VoteJournal.recover([bytes, bytes], chain: chain, key: chain, hasVoted: false)
        #expect(other == .lost(.foreign))
    }

    @Test func aRecordOfAnotherVersionIsRefused() throws {
        let payload = try hex("82 09 00")
        let head = try hex("50564a31 00000003 0000000000000001")
        let strange = head + payload + SHA256.hash(head + payload).bytes.prefix(16)
        let bytes = frames(records())[0] + strange
        guard case .lost(.unreadable(number: 1, _)) = recover(bytes, bytes) else {
            Issue.record("a record that nobody can read")
            return
        }
    }
}
