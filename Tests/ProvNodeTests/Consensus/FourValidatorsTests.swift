import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// Four validators in one process, over real connections, journals and logs.
@Suite(.serialized) struct FourValidatorsTests {
    @Test(.timeLimit(.minutes(2))) func whatOneTakesAllHave() async throws {
        let consortium = try TestConsortium(validators: 4)
        try await consortium.start(0..<4)
        for place in 0..<4 {
            let view = try await consortium.submit(consortium.enrolment().statement, at: place)
            #expect(view.status == .final)
        }
        let height = try await consortium.node(3).height
        try await consortium.reach(height)
        try await consortium.expectAgreement()
        try await consortium.stopAll()
    }

    @Test(.timeLimit(.minutes(2))) func oneCanBeAway() async throws {
        let consortium = try TestConsortium(validators: 4)
        try await consortium.start(0..<3)
        for place in 0..<3 { try await consortium.submit(consortium.enrolment().statement, at: place) }
        try await consortium.reach(consortium.node(2).height)
        // The fourth comes late, and fetches what it missed.
        try await consortium.start([3])
        try await consortium.reach(consortium.node(2).height)
        try await consortium.submit(consortium.enrolment().statement, at: 3)
        try await consortium.expectAgreement()
        try await consortium.stopAll()
    }

    @Test(.timeLimit(.minutes(2))) func allComeBackAfterACrash() async throws {
        let consortium = try TestConsortium(validators: 4)
        try await consortium.start(0..<4)
        var statements: [Statement] = []
        for round in 0..<3 {
            for place in 0..<4 {
                let statement = try await consortium.enrolment().statement
                try await consortium.submit(statement, at: place)
                statements.append(statement)
            }
            for place in 0..<4 { try await consortium.drop(place) }
            try await consortium.start([round % 4] + (0..<4).filter { $0 != round % 4 })
        }
        try await consortium.submit(consortium.enrolment().statement, at: 1)
        try await consortium.expectAgreement()
        for statement in statements {
            for node in await consortium.running {
                try await TestConsortium.wait(for: "a statement that was final") {
                    try await node.statement(statement.id)?.status == .final
                }
            }
        }
        try await consortium.stopAll()
    }

    @Test(.timeLimit(.minutes(2))) func aWipedValidatorComesBackAndDoesNotVote() async throws {
        let consortium = try TestConsortium(validators: 4)
        try await consortium.start(0..<4)
        for place in 0..<4 { try await consortium.submit(consortium.enrolment().statement, at: place) }
        try await consortium.drop(2)
        let home = await consortium.members[2].home
        for name in ["log", "state.sqlite", "index.sqlite", "attachments", "journal"] {
            try? FileManager.default.removeItem(atPath: home.path + "/" + name)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: home.path)
        where !["keys", "genesis.cbor", "provnode.toml", "format"].contains(name) {
            try FileManager.default.removeItem(atPath: home.path + "/" + name)
        }
        try await consortium.start([2])
        let height = try await consortium.node(0).height
        try await consortium.reach(height)
        #expect(try await consortium.node(2).consensus.silence == .journalLost)
        try await consortium.submit(consortium.enrolment().statement, at: 2)
        try await consortium.expectAgreement()
        try await consortium.stopAll()
    }

    /// Who is away when a statement becomes final gets its public attachments too, and so does an observer.
    @Test(.timeLimit(.minutes(2)), arguments: [true, false])
    func attachmentsReachEverybodyButRestrictedOnes(isOneAway: Bool) async throws {
        let consortium = try TestConsortium(validators: 4, observers: 1)
        let places = 0..<5
        try await consortium.start(isOneAway ? 0..<3 : places)
        let alice = try await consortium.enrolment()
        try await consortium.submit(alice.statement, at: 0)
        let file = Manifest.File(
            path: "model.glb", mediaType: "model/gltf-binary", size: 3, sha256: SHA256.hash([1, 2, 3]))
        let manifest = Manifest(files: [file])
        let metadata = WorkMetadata(title: "A lamp")
        let registration = try await consortium.sign(
            .registerWork(
                RegisterWork(
                    category: .model3D, basis: .author, metadata: AttachmentReference(to: metadata.cbor),
                    content: VersionContent(
                        manifestRoot: manifest.root, manifest: AttachmentReference(to: manifest.cbor),
                        mediaType: file.mediaType, size: file.size, distinctive: [file.sha256]))),
            by: alice.key, issuer: alice.party
        ) { .work($0) }
        let hidden = SHA256.hash(manifest.cbor)
        _ = try await consortium.node(1).submit(
            Submission(
                statement: registration.encoded, attachments: [manifest.cbor, metadata.cbor], restricted: [hidden]),
            wait: true)
        if isOneAway { try await consortium.start([3, 4]) }
        for place in places {
            let node = try await consortium.node(place)
            try await TestConsortium.wait(for: "the metadata at validator \(place)") {
                try await node.attachment(SHA256.hash(metadata.cbor)) == metadata.cbor
            }
            #expect(try await node.attachment(hidden) == nil)
        }
        try await consortium.stopAll()
    }

    /// One validator may lie, so a proof carries the signatures of two.
    @Test(.timeLimit(.minutes(2))) func aBundleIsSignedByMoreThanCanBeFaulty() async throws {
        let consortium = try TestConsortium(validators: 4)
        try await consortium.start(0..<4)
        let alice = try await consortium.enrolment()
        try await consortium.submit(alice.statement, at: 0)
        try await consortium.stop(3)
        let bytes = try #require(try await consortium.node(1).bundle(.party(alice.party)))
        let bundle = try Bundle(cbor: bytes)
        #expect(bundle.receipts.count >= 2)
        let report = bundle.check(against: consortium.file)
        #expect(report.verified, "\(report)")
        try await consortium.stopAll()
    }

    /// Every day ends in a block, and the next one begins with the same validators.
    @Test(.timeLimit(.minutes(2))) func epochsFollowEachOther() async throws {
        var parameters = Parameters()
        parameters.epochLengthMilliseconds = 1_500
        parameters.idleIntervalMilliseconds = 500
        let consortium = try TestConsortium(validators: 4, parameters: parameters)
        try await consortium.start(0..<4)
        for node in await consortium.running {
            try await TestConsortium.wait(for: "epoch 3") { await node.ledger.tip.epoch.number >= 3 }
        }
        try await consortium.submit(consortium.enrolment().statement, at: 0)
        for place in 0..<4 { try await consortium.drop(place) }
        try await consortium.start(0..<4)
        try await consortium.submit(consortium.enrolment().statement, at: 3)
        try await consortium.expectAgreement()
        try await consortium.stopAll()
    }
}
