import ProvChain

/// What still goes into one answer. What does not is asked for again.
struct AnswerRoom {
    /// Bytes after which nothing more goes in. A larger answer would keep others waiting while it is written and sealed.
    static let preferredBytes = 1 << 20
    /// Bytes of one item: it has to fit into a frame.
    static let itemBytes = Wire.frameBytes - (64 << 10)

    private var taken = 0

    /// False if so many more bytes do not go in. The first bytes do as long as a frame can hold them.
    mutating func take(_ bytes: Int) -> Bool {
        guard taken == 0 ? bytes <= Self.itemBytes : taken + bytes <= Self.preferredBytes else { return false }
        taken += bytes
        return true
    }
}

/// Answers to what other nodes ask for.
extension Node {
    func serve(_ request: FetchRequest, to peer: IdentityKey) {
        var items: [[UInt8]?] = []
        var attachments: [(place: Int, hash: Digest)] = []
        var room = AnswerRoom()
        for item in request.items {
            let bytes: [UInt8]? =
                switch item {
                case .statement(let hash): (mempool[leafHash: hash] ?? pending.verifiedStatement(hash))?.encoded
                case .block(let id):
                    pending.bodies[id].map {
                        FullBlock(header: $0.header, statements: $0.statements.map(\.encoded)).cbor
                    }
                case .checkpoint(let block, let validator):
                    keys.flatMap { $0.index == validator ? checkpoints.own(block, by: $0.log)?.cbor : nil }
                case .attachment(let hash):
                    {
                        attachments.append((items.count, hash)); return nil
                    }()
                }
            guard room.take(bytes?.count ?? 0) else { break }
            items.append(bytes)
        }
        guard !attachments.isEmpty else { return answer(request.number, items, to: peer) }
        serve(attachments, beside: items, room: room, number: request.number, to: peer)
    }

    /// Attachments come from the disk. Restricted ones are nobody's here.
    private func serve(
        _ wanted: [(place: Int, hash: Digest)], beside others: [[UInt8]?], room: AnswerRoom, number: UInt64,
        to peer: IdentityKey
    ) {
        let store = attachments
        Task {
            let found = try? await readers.run { try wanted.map { try store.getPublic($0.hash) } }
            var (items, room) = (others, room)
            for ((place, _), bytes) in zip(wanted, found ?? []) {
                guard room.take(bytes?.count ?? 0) else {
                    items.removeSubrange(place...)
                    break
                }
                items[place] = bytes
            }
            answer(number, items, to: peer)
        }
    }

    private func answer(_ number: UInt64, _ items: [[UInt8]?], to peer: IdentityKey) {
        gossip(.send(.fetched(FetchAnswer(number: number, items: items)), to: .peers([peer])))
    }

    /// Final blocks, from the log.
    func serve(_ request: RangeRequest, to peer: IdentityKey) {
        let reader = reader
        Task {
            let items = try? await readers.run { try Self.items(of: request, reader) }
            gossip(.send(.ranged(RangeAnswer(number: request.number, items: items ?? [])), to: .peers([peer])))
        }
    }

    private static func items(of request: RangeRequest, _ reader: LogReader) throws -> [[UInt8]] {
        var items: [[UInt8]] = []
        var room = AnswerRoom()
        var walk = LogWalk(reader)
        let end = min(walk.blockCount, request.from.addingSaturated(request.count))
        var height = request.from
        while height < end {
            let bytes: [UInt8]
            switch request.part {
            case .certified: bytes = try walk.certified(height).cbor
            case .statements: bytes = try walk.fullBlock(height).cbor
            }
            guard room.take(bytes.count) else { break }
            items.append(bytes)
            height += 1
        }
        return items
    }
}

extension LogReader {
    /// The header of a final block.
    func header(_ height: UInt64) throws -> BlockHeader {
        try BlockHeader(leaf: entry(headerLeafIndex(height)))
    }
}

extension LogWalk {
    fileprivate mutating func certified(_ height: UInt64) throws -> CertifiedHeader {
        let certificate = try certificate(height)
        let bytes = certificate.certificate
        return CertifiedHeader(
            header: try BlockHeader(leaf: entry(certificate.headerLeafIndex)),
            finality: bytes.isEmpty ? nil : try FinalityCertificate(cbor: bytes))
    }

    /// A final block, as the log has it.
    fileprivate mutating func fullBlock(_ height: UInt64) throws -> FullBlock {
        let leaves = try block(height).leaves
        return FullBlock(header: try BlockHeader(leaf: leaves[leaves.count - 1]), statements: Array(leaves.dropLast()))
    }
}
