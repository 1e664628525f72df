import Testing

@testable import ProvNode

/// Things from many threads for one reader, in order and many at a time.
@Suite struct MailboxTests {
    @Test func everythingSinceTheLastTimeComesTogether() async {
        let mailbox = Mailbox<Int>()
        for number in 0..<5 { #expect(mailbox.put(number)) }
        #expect(await mailbox.takeAll() == [0, 1, 2, 3, 4])
        mailbox.put(5)
        #expect(await mailbox.takeAll() == [5])
    }

    @Test func aReaderWaitsForTheNext() async {
        let mailbox = Mailbox<Int>()
        async let found = mailbox.takeAll()
        mailbox.put(7)
        #expect(await found == [7])
    }

    @Test func whatCameBeforeTheEndIsStillRead() async {
        let mailbox = Mailbox<Int>()
        mailbox.put(1)
        mailbox.close()
        #expect(!mailbox.put(2))
        #expect(await mailbox.takeAll() == [1])
        #expect(await mailbox.takeAll() == nil)
    }

    @Test func theEndWakesTheReader() async {
        let mailbox = Mailbox<Int>()
        async let found = mailbox.takeAll()
        mailbox.close()
        #expect(await found == nil)
    }

    @Test func nothingIsLostBetweenThreads() async {
        let mailbox = Mailbox<Int>()
        let (writers, each) = (8, 2_000)
        let reading = Task {
            var last = [Int](repeating: -1, count: writers)
            var count = 0
            while let batch = await mailbox.takeAll() {
                for item in batch {
                    #expect(item % each == last[item / each] + 1, "of one writer, in order")
                    last[item / each] = item % each
                    count += 1
                }
            }
            return count
        }
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask { for number in 0..<each { mailbox.put(writer * each + number) } }
            }
        }
        mailbox.close()
        #expect(await reading.value == writers * each)
    }
}
