@testable import ProvChain

extension Provocation {
    static let ofWorks: [Provocation] = [
        Provocation(.workExists) { chain in
            let alice = try chain.enrol("alice")
            let nonce = TestChain.nonce(1_000)
            try chain.append([chain.registration(TestChain.content("vase"), by: alice, nonce: nonce).statement])
            return try chain.registration(TestChain.content("another vase"), by: alice, nonce: nonce).statement
        },
        Provocation(.unknownWork) { chain in
            let payload = Payload.addVersion(AddVersion(content: TestChain.content("vase"), previous: 1))
            return try chain.sign(payload, .work(TestChain.hash("no work")), by: chain.registrar)
        },
        Provocation(.notClaimant) { chain in
            let (alice, bob) = (try chain.enrol("alice"), try chain.enrol("bob"))
            let work = try chain.register(TestChain.content("vase"), by: alice)
            return try chain.sign(
                .addVersion(AddVersion(content: TestChain.content("vase 2"), previous: 1)), .work(work), by: bob)
        },
        Provocation(.duplicateVersion) { chain in
            let alice = try chain.enrol("alice")
            _ = try chain.register(TestChain.content("vase"), by: alice)
            return try chain.registration(TestChain.content("vase"), by: alice).statement
        },
        Provocation(.wrongPrevious) { chain in
            let alice = try chain.enrol("alice")
            let work = try chain.register(TestChain.content("vase"), by: alice)
            return try chain.sign(
                .addVersion(AddVersion(content: TestChain.content("vase 2"), previous: 2)), .work(work), by: alice)
        },
    ]

    static let ofTitles: [Provocation] = [
        Provocation(.unknownRecipient) { chain in
            let scene = try Scene(&chain)
            let stranger = try chain.applicant("stranger").party
            return try chain.offer(1, of: scene.work, from: scene.alice, to: stranger).statement
        },
        Provocation(.selfTransfer) { chain in
            let scene = try Scene(&chain)
            return try chain.offer(1, of: scene.work, from: scene.alice, to: scene.alice).statement
        },
        Provocation(.insufficientShare) { chain in
            let scene = try Scene(&chain)
            return try chain.offer(1, of: scene.work, from: scene.bob, to: scene.alice).statement
        },
        Provocation(.tooManyHolders) { chain in
            let scene = try Scene(&chain)
            let crowd = try chain.enrolCrowd(Limits.titleHolders)
            var offers: [(TestParty, Digest)] = []
            var statements: [Statement] = []
            for holder in crowd {
                let (statement, offer) = try chain.offer(1, of: scene.work, from: scene.alice, to: holder)
                statements.append(statement)
                offers.append((holder, offer))
            }
            try chain.append(statements)
            let answers = try offers.map {
                try chain.sign(.acceptTitle(AnswerOffer()), .offer($0.1), by: $0.0)
            }
            // With Alice, one holder too many.
            try chain.append(Array(answers.dropLast()))
            return answers[answers.count - 1]
        },
        Provocation(.deadlinePassed) { chain in
            let scene = try Scene(&chain)
            let (statement, offer) = try chain.offer(1, of: scene.work, from: scene.alice, to: scene.bob, seconds: 5)
            try chain.append([statement])
            try chain.append([], seconds: 3)
            return try chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob)
        },
        Provocation(.deadlineTooFar) { chain in
            let scene = try Scene(&chain)
            return try chain.offer(
                1, of: scene.work, from: scene.alice, to: scene.bob, seconds: Limits.offerLifetimeSeconds + 2
            ).statement
        },
        Provocation(.offerExists) { chain in
            let scene = try Scene(&chain)
            let nonce = TestChain.nonce(1_000)
            try chain.append([
                chain.offer(1, of: scene.work, from: scene.alice, to: scene.bob, nonce: nonce).statement
            ])
            return try chain.offer(2, of: scene.work, from: scene.alice, to: scene.bob, nonce: nonce).statement
        },
    ]

    static let ofAnswers: [Provocation] = [
        Provocation(.unknownOffer) { chain in
            try chain.sign(.declineTitle(AnswerOffer()), .offer(TestChain.hash("no offer")), by: chain.registrar)
        },
        Provocation(.offerClosed) { chain in
            let scene = try Scene(&chain)
            let offer = try scene.offer(&chain)
            try chain.append([chain.sign(.declineTitle(AnswerOffer()), .offer(offer), by: scene.bob)])
            return try chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob)
        },
        Provocation(.notRecipient) { chain in
            let scene = try Scene(&chain)
            let offer = try scene.offer(&chain)
            return try chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.alice)
        },
        Provocation(.notOfferer) { chain in
            let scene = try Scene(&chain)
            let offer = try scene.offer(&chain)
            return try chain.sign(.cancelTitle(AnswerOffer()), .offer(offer), by: scene.bob)
        },
    ]
}

/// Alice registered a work; Bob is enrolled.
struct Scene {
    let alice: TestParty
    let bob: TestParty
    let work: Digest

    init(_ chain: inout TestChain) throws {
        alice = try chain.enrol("alice", .es256k)
        bob = try chain.enrol("bob")
        work = try chain.register(TestChain.content("vase"), by: alice)
    }

    /// Alice offers Bob a share, in a block of its own.
    func offer(_ chain: inout TestChain, share: UInt64 = 2_500, seconds: UInt64 = 300) throws -> Digest {
        let (statement, offer) = try chain.offer(share, of: work, from: alice, to: bob, seconds: seconds)
        try chain.append([statement])
        return offer
    }
}

extension TestChain {
    /// Enrols many parties in one block.
    mutating func enrolCrowd(_ count: Int) throws -> [TestParty] {
        var parties: [TestParty] = []
        var statements: [Statement] = []
        for index in 0..<count {
            let (party, application) = try applicant("person \(index)")
            parties.append(party)
            statements.append(try enrolment(application))
        }
        try append(statements)
        return parties
    }
}
