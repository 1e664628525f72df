import ProvChain

/// Lists from the index, a page at a time.
extension Node {
    nonisolated func lookup(_ hash: Digest, limit: Int, after: String?) async throws -> LookupView {
        let cursor = PageCursor(question: "lookup/\(hash.hex)")
        let place = try cursor.number(after)
        return try await indexed { index in
            let found = try index.lookup(hash, limit: limit, after: place ?? 0)
            var view = found.view
            view.next = cursor.text(found.next)
            return view
        }
    }

    nonisolated func search(_ words: String, limit: Int, after: String?) async throws -> WorkListView {
        let cursor = PageCursor(question: "search/\(words)")
        let place = try cursor.number(after)
        return try await indexed { try $0.search(words, limit: limit, after: place).view(cursor) }
    }

    nonisolated func works(of party: Digest, limit: Int, after: String?) async throws -> WorkListView {
        let cursor = PageCursor(question: "works/\(party.hex)")
        let place = try cursor.number(after)
        return try await indexed { try $0.works(of: party, limit: limit, after: place).view(cursor) }
    }

    nonisolated func titles(of party: Digest, limit: Int, after: String?) async throws -> TitleListView {
        let cursor = PageCursor(question: "titles/\(party.hex)")
        var place: URN?
        if let key = try cursor.place(after) {
            guard let urns = try? URN.list(indexKeys: key), urns.count == 1 else { throw Problems.badCursor }
            place = urns.first
        }
        return try await indexed { [place] index in
            // One more than asked for tells whether there is a next page.
            let found = try index.titles(of: party, limit: limit + 1, after: place)
            let kept = found.prefix(limit)
            let last = found.count > limit ? kept.last : nil
            return TitleListView(
                titles: kept.map(\.view), next: cursor.text(last.map { Array($0.urn.indexKey) }))
        }
    }

    func offers(of party: Digest, limit: Int, after: String?) async throws -> OfferListView {
        let cursor = PageCursor(question: "offers/\(party.hex)")
        let place = try cursor.number(after)
        let time = ledger.tip.header.time
        return try await indexed { index in
            let page = try index.offers(of: party, limit: limit, after: place)
            return OfferListView(offers: page.rows.map { $0.view(at: time) }, next: cursor.text(page.next))
        }
    }
}

extension TitleHolding {
    fileprivate var view: TitleListView.Entry {
        var right = ""
        if case .title(_, let found) = urn { right = "\(found)" }
        return TitleListView.Entry(
            title: urn.description, work: URN.work(work).description, right: right, share: share)
    }
}

extension IndexedOffer {
    /// As of a block time in milliseconds: an open offer lapses by time alone.
    fileprivate func view(at time: UInt64) -> OfferListView.Entry {
        let stored = OfferStatus(rawValue: status)
        let hasLapsed = stored == .open && time >= deadline * 1_000
        return OfferListView.Entry(
            offer: URN.offer(offer).description, work: URN.work(work).description,
            right: Right(rawValue: right).map { "\($0)" } ?? "", offerer: URN.party(offerer).description,
            recipient: URN.party(recipient).description, share: share, deadline: deadline,
            status: hasLapsed ? "lapsed" : stored?.name ?? "")
    }
}
