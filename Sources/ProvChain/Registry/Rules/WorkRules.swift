/// Registration of works and their versions, and what happens when two parties claim the same content.
enum WorkRules {
    static func register(_ payload: RegisterWork, _ context: RuleContext, _ transaction: inout Transaction) throws {
        let work = context.statement.derivedIdentifier
        try context.requireSubject(.work(work))
        guard try !transaction.exists(.work(work)) else { throw Refusal(.workExists, ["work": work.hex]) }
        let contested = try claim(payload.content, work: work, version: 1, context, &transaction)
        try transaction.write(
            WorkRecord(
                category: payload.category, claimant: context.party, basis: payload.basis,
                metadata: payload.metadata, spdx: payload.spdx, registered: context.time, versions: 1,
                contests: 0),
            .work(work))
        try transaction.write(
            VersionRecord(content: payload.content, registered: context.time, contestedWith: contested),
            .version(work: work, sequence: 1))
        try transaction.write(TitleRecord(holder: context.party), .title(work: work, right: .copyright))
    }

    static func addVersion(_ payload: AddVersion, _ context: RuleContext, _ transaction: inout Transaction) throws {
        guard case .work(let work) = context.statement.claims.subject,
            var record = try transaction.read(WorkRecord.self, .work(work))
        else {
            throw Refusal(.unknownWork, ["work": context.statement.claims.subject.description])
        }
        guard record.claimant == context.party else {
            throw Refusal(.notClaimant, ["party": context.party.hex, "work": work.hex])
        }
        guard payload.previous == record.versions, record.versions < UInt32.max else {
            throw Refusal(.wrongPrevious, ["expected": "\(record.versions)", "found": "\(payload.previous)"])
        }
        record.versions += 1
        let contested = try claim(payload.content, work: work, version: record.versions, context, &transaction)
        try transaction.write(record, .work(work))
        try transaction.write(
            VersionRecord(content: payload.content, registered: context.time, contestedWith: contested),
            .version(work: work, sequence: record.versions))
    }

    /// Claims the manifest root and every distinctive hash. Content that somebody else claimed before makes
    /// the version contested, and leaves a mark in the history of the earlier works: never silently first
    /// come, first served.
    ///
    /// - Returns: the works of other claimants that share content, ascending, within the bound.
    private static func claim(
        _ content: VersionContent, work: Digest, version: UInt32, _ context: RuleContext,
        _ transaction: inout Transaction
    ) throws -> [Digest] {
        var contested: Set<Digest> = []
        let hashes = [content.manifestRoot] + content.distinctive.filter { $0 != content.manifestRoot }
        for hash in hashes {
            var record =
                try transaction.read(ComponentRecord.self, .component(hash)) ?? ComponentRecord(claims: [], count: 0)
            let own = record.claims.first { $0.claimant == context.party }
            if hash == content.manifestRoot, let own {
                throw Refusal(.duplicateVersion, ["work": URN.work(own.work).description])
            }
            contested.formUnion(record.claims.filter { $0.claimant != context.party }.map(\.work))
            if own == nil, record.claims.count < Limits.listedClaimants {
                record.claims.append(.init(claimant: context.party, work: work, version: version))
            }
            record.count += 1
            try transaction.write(record, .component(hash))
        }
        let listed = Array(contested.sorted().prefix(Limits.listedContests))
        for earlier in listed {
            guard var other = try transaction.read(WorkRecord.self, .work(earlier)) else {
                preconditionFailure("a component names work \(earlier), which has no record")
            }
            other.contests += 1
            try transaction.write(other, .work(earlier))
        }
        return listed
    }
}
