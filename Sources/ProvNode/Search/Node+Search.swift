import ProvChain

/// What looks alike, from the prints and codes that manifests claim.
extension Node {
    nonisolated func similar(to print: ShapePrint, limit: Int) async throws -> SimilarView {
        try await similar(ShapePrint.version, limit, count: { $0.printCount }, near: ShapePrint.nearDistance) {
            $0.nearest(to: print)
        }
    }

    nonisolated func similar(to bits: ISCCBits, limit: Int) async throws -> SimilarView {
        try await similar(Manifest.isccScheme, limit, count: { $0.codeCount }, near: 0) { $0.nearest(to: bits) }
    }

    private nonisolated func similar(
        _ algorithm: String, _ limit: Int, count: @escaping @Sendable (SearchIndex) -> Int, near: Int,
        _ find: @escaping @Sendable (SearchIndex) -> [SearchIndex.Match]
    ) async throws -> SimilarView {
        guard let follower = lookAlikes else { throw Problems.searchOff }
        if index.height != latest.height { try await fillIndex() }
        let isComplete = try await follower.isCurrent()
        let (index, folder) = (index, attachments.folder)
        return try await readers.run {
            let search = follower.search
            var entries: [SimilarView.Entry] = []
            var seen: Set<UInt64> = []
            for match in find(search) where seen.insert(match.leaf).inserted {
                guard let version = try index.version(at: match.leaf) else { continue }
                // What was restricted or removed since is not told any more.
                guard try AttachmentFile.size(folder.file(version.manifest)) != nil,
                    try !folder.isRestricted(version.manifest)
                else { continue }
                entries.append(match.entry(version, near: near))
                if entries.count == limit { break }
            }
            return SimilarView(
                algorithm: algorithm, searched: UInt64(count(search)), complete: isComplete, similar: entries)
        }
    }
}

extension SearchIndex.Match {
    fileprivate func entry(_ version: RegisteredVersion, near: Int) -> SimilarView.Entry {
        SimilarView.Entry(
            work: URN.work(version.work).description, party: URN.party(version.party).description,
            version: version.version, time: version.time, contested: version.isContested, title: version.title,
            basis: basis, distance: distance,
            resemblance: (distance <= near ? ShapePrint.Resemblance.nearCertain : .forReview).rawValue)
    }
}
