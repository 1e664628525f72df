import ProvChain

/// Answers to what other nodes ask for.
extension Node {
    /// Bytes of one answer, less than a frame: what does not fit is asked for again.
    private static let answerBytes = Wire.frameBytes - (64 << 10)

    func serve(_ request: FetchRequest, to peer: IdentityKey) {
        var items: [[UInt8]?] = []
        var attachments: [(place: Int, hash: Digest)] = []
        var room = Self.answerBytes
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
            room -= bytes?.count ?? 0
            guard room >= 0 else { break }
            items.append(bytes)
        }
        guard !attachments.isEmpty else { return answer(request.number, items, to: peer) }
        serve(attachments, beside: items, room: room, number: request.number, to: peer)
    }

    /// Attachments come from the disk. Restricted ones are nobody's here.
    private func serve(
        _ wanted: [(place: Int, hash: Digest)], beside others: [[UInt8]?], room: Int, number: UInt64,
        to peer: IdentityKey
    ) {
        let store = attachments
        Task {
            let found = try? await readers.run { try wanted.map { try store.getPublic($0.hash) } }
            var (items, room) = (others, room)
            for ((place, _), bytes) in zip(wanted, found ?? []) {
                room -= bytes?.count ?? 0
                guard room >= 0 else {
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
        var room = answerBytes
        let end = min(reader.extent.blockCount, request.from.addingSaturated(request.count))
        var height = request.from
        while height < end {
            let bytes: [UInt8]
            switch request.part {
            case .certified: bytes = try certified(height, reader).cbor
            case .statements: bytes = try FullBlock(height, reader).cbor
            }
            room -= bytes.count
            guard room >= 0 else { break }
            items.append(bytes)
            height += 1
        }
        return items
    }

    private static func certified(_ height: UInt64, _ reader: LogReader) throws -> CertifiedHeader {
        let bytes = try reader.certificate(height).certificate
        return CertifiedHeader(
            header: try reader.header(height), finality: bytes.isEmpty ? nil : try FinalityCertificate(cbor: bytes))
    }
}

extension LogReader {
    /// The header of a final block.
    func header(_ height: UInt64) throws -> BlockHeader {
        try BlockHeader(leaf: entry(headerLeafIndex(height)))
    }
}

extension FullBlock {
    /// A final block, as the log has it.
    fileprivate init(_ height: UInt64, _ reader: LogReader) throws {
        let leaves = try reader.block(height).leaves
        self.init(header: try reader.header(height), statements: Array(leaves.dropLast()))
    }
}
