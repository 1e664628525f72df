@testable import ProvChain
import Testing

@Suite struct WorkTests {
    @Test func aRegistrationMakesAWorkAVersionATitleAndComponents() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice")
        let content = TestChain.content("vase", distinctive: ["lid", "body"])
        let work = try chain.register(content, by: alice)
        let record = try chain.record(WorkRecord.self, .work(work))
        #expect(record.claimant == alice.id && record.category == .model3D && record.basis == .author)
        #expect(record.registered == chain.now && record.versions == 1 && record.contests == 0)
        let version = try chain.record(VersionRecord.self, .version(work: work, sequence: 1))
        #expect(version.content.manifestRoot == content.manifestRoot && version.contestedWith.isEmpty)
        let title = try chain.record(TitleRecord.self, .title(work: work, right: .copyright))
        #expect(title.share(of: alice.id) == Limits.wholeTitle)
        for hash in [content.manifestRoot] + content.distinctive {
            let component = try chain.record(ComponentRecord.self, .component(hash))
            #expect(component.count == 1)
            #expect(component.claims == [.init(claimant: alice.id, work: work, version: 1)])
        }
    }

    @Test func versionsFollowOneAnother() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice")
        let work = try chain.register(TestChain.content("vase 1"), by: alice)
        for number in 2...4 as ClosedRange<UInt32> {
            let payload = AddVersion(content: TestChain.content("vase \(number)"), previous: number - 1)
            try chain.append([chain.sign(.addVersion(payload), .work(work), by: alice)])
            #expect(try chain.record(WorkRecord.self, .work(work)).versions == number)
            #expect(try chain.read(VersionRecord.self, .version(work: work, sequence: number)) != nil)
        }
        // Two that follow the same version: the second is too late, even in one block.
        let race = try ["a", "b"].map { name in
            let payload = AddVersion(content: TestChain.content("race \(name)"), previous: 4)
            return try chain.sign(.addVersion(payload), .work(work), by: alice)
        }
        let assembly = try chain.assemble(race)
        #expect(assembly.block.execution.applied.count == 1)
        #expect(assembly.refused.map(\.refusal.rule) == [.wrongPrevious])
    }

    /// Invariant 9: never silently first come, first served.
    @Test(arguments: [true, false])
    func contentThatSomebodyElseClaimedIsContested(_ inOneBlock: Bool) throws {
        var chain = try TestChain()
        let (alice, bob) = (try chain.enrol("alice"), try chain.enrol("bob"))
        let (first, work) = try chain.registration(TestChain.content("vase"), by: alice)
        let (second, copy) = try chain.registration(TestChain.content("vase"), by: bob)
        if inOneBlock {
            try chain.append([first, second])
        } else {
            try chain.append([first])
            try chain.append([second])
        }
        #expect(try chain.record(VersionRecord.self, .version(work: work, sequence: 1)).contestedWith == [])
        #expect(try chain.record(VersionRecord.self, .version(work: copy, sequence: 1)).contestedWith == [work])
        // The earlier work has a mark, and a link in its history.
        #expect(try chain.record(WorkRecord.self, .work(work)).contests == 1)
        #expect(try chain.record(WorkRecord.self, .work(copy)).contests == 0)
        #expect(try chain.ledger.record(.work(work), source: chain.state)?.history.count == 2)
        let component = try chain.record(ComponentRecord.self, .component(TestChain.hash("vase")))
        #expect(component.claims.map(\.work) == [work, copy] && component.count == 2)
    }

    @Test func oneDistinctiveComponentSuffices() throws {
        var chain = try TestChain()
        let (alice, bob) = (try chain.enrol("alice"), try chain.enrol("bob"))
        let work = try chain.register(TestChain.content("vase", distinctive: ["lid", "body"]), by: alice)
        let copy = try chain.register(TestChain.content("bowl", distinctive: ["lid", "foot"]), by: bob)
        #expect(try chain.record(VersionRecord.self, .version(work: copy, sequence: 1)).contestedWith == [work])
        #expect(try chain.record(WorkRecord.self, .work(work)).contests == 1)
        // A manifest root that somebody listed as a component counts too, and the other way round.
        let third = try chain.register(TestChain.content("lid"), by: chain.enrol("carol"))
        let expected = [work, copy].sorted()
        #expect(try chain.record(VersionRecord.self, .version(work: third, sequence: 1)).contestedWith == expected)
    }

    @Test func aLaterVersionCanBeContestedToo() throws {
        var chain = try TestChain()
        let (alice, bob) = (try chain.enrol("alice"), try chain.enrol("bob"))
        let work = try chain.register(TestChain.content("vase", distinctive: ["lid"]), by: alice)
        let other = try chain.register(TestChain.content("bowl"), by: bob)
        let payload = AddVersion(content: TestChain.content("bowl 2", distinctive: ["lid"]), previous: 1)
        try chain.append([chain.sign(.addVersion(payload), .work(other), by: bob)])
        #expect(try chain.record(VersionRecord.self, .version(work: other, sequence: 1)).contestedWith == [])
        #expect(try chain.record(VersionRecord.self, .version(work: other, sequence: 2)).contestedWith == [work])
        #expect(try chain.record(WorkRecord.self, .work(work)).contests == 1)
    }

    @Test func onesOwnComponentsAreNotContested() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice")
        let work = try chain.register(TestChain.content("vase", distinctive: ["lid"]), by: alice)
        let second = try chain.register(TestChain.content("bowl", distinctive: ["lid"]), by: alice)
        #expect(try chain.record(VersionRecord.self, .version(work: second, sequence: 1)).contestedWith == [])
        let component = try chain.record(ComponentRecord.self, .component(TestChain.hash("lid")))
        #expect(component.claims.map(\.work) == [work] && component.count == 2, "the first claim of each claimant")
    }

    @Test func listsOfClaimantsAndContestsAreBounded() throws {
        var chain = try TestChain()
        let crowd = try chain.enrolCrowd(Limits.listedClaimants + 2)
        var works: [Digest] = []
        for party in crowd { works.append(try chain.register(TestChain.content("vase"), by: party)) }
        let component = try chain.record(ComponentRecord.self, .component(TestChain.hash("vase")))
        #expect(component.claims.map(\.work) == Array(works.prefix(Limits.listedClaimants)))
        #expect(component.count == UInt64(crowd.count), "further claims are counted")
        let last = try chain.record(VersionRecord.self, .version(work: works[crowd.count - 1], sequence: 1))
        #expect(last.contestedWith == works.prefix(Limits.listedContests).sorted())
    }
}
