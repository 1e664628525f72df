@testable import ProvChain

extension GoldenVectors {
    /// What validators say to each other about views, and what they remember of it.
    static func consensus() -> [GoldenVector] {
        let story = ViewStory()
        let block = story.header(3)
        let notarize = story.vote(.notarize, 3, by: 3, parentView: 1, block)
        let nullify = story.vote(.nullify, 2, by: 1)
        let finalize = story.vote(.finalize, 2, by: 1, block)
        let nullification = story.certificate(.nullify, 2, by: [0, 1, 3])
        let proposal = story.proposal(block, parentView: 0, certificates: [nullification])
        let request = CertificateRequest(epoch: 0, first: 1, last: 2)
        let greeting = Greeting(epoch: 0, view: 3, finalView: 0, yours: nil)
        let answered = Greeting(epoch: 0, view: 3, finalView: 0, yours: nullify)
        let equivocation = Equivocation(nullify, finalize)
        let values: [(String, String, [UInt8])] = [
            ("notarize", "signed-vote", notarize.cbor), ("nullify", "signed-vote", nullify.cbor),
            ("finalize", "signed-vote", finalize.cbor),
            ("notarization", "view-certificate", story.certificate(.notarize, 3, parentView: 1, block).cbor),
            ("nullification", "view-certificate", nullification.cbor),
            ("finalization", "view-certificate", story.certificate(.finalize, 3, block).cbor),
            ("proposal", "view-proposal", proposal.cbor),
            ("certificate request", "certificate-request", request.cbor),
            ("greeting", "greeting", greeting.cbor), ("greeting with a vote", "greeting", answered.cbor),
            ("equivocation", "equivocation", equivocation.cbor),
        ]
        let messages: [(String, ConsensusMessage)] = [
            ("vote", .vote(notarize)), ("certificate", .certificate(nullification)), ("proposal", .proposal(proposal)),
            ("request", .request(request)), ("page", .page(CertificatePage([nullification]))),
            ("greeting", .greeting(answered)), ("evidence", .equivocation(equivocation)),
        ]
        let records: [(String, VoteJournal.Record)] = [
            ("owner", .owner(chain: ViewStory.chain, key: ViewStory.record(7))), ("vote", .vote(notarize)),
            ("certificate", .certificate(nullification)), ("block", .block(block, body: [1, 2, 3])),
        ]
        return values.map { GoldenVector(name: $0.0, rule: $0.1, bytes: $0.2) }
            + messages.map { GoldenVector(name: "message: \($0.0)", rule: "consensus-message", bytes: $0.1.cbor) }
            + records.map { GoldenVector(name: "journal: \($0.0)", rule: "journal-record", bytes: $0.1.cbor) }
    }
}
