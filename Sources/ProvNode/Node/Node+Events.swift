import ProvChain

extension Node {
    /// The final block at `height` as an event, read from the log; `nil` if there is none yet.
    func event(_ height: UInt64) async throws -> BlockEventView? {
        guard height <= ledger.tip.header.height else { return nil }
        let reader = reader
        return try await files.run {
            let logged = try reader.loggedBlock(height)
            let first = logged.header.historySize - UInt64(logged.statements.count)
            return BlockEventView(
                height: height, id: logged.header.id.hex, time: logged.header.time,
                statements: logged.statements.enumerated().map { place, statement in
                    BlockEventView.Entry(
                        statement: statement.id.hex, type: statement.payload.type.rawValue,
                        issuer: URN.party(statement.claims.issuer).description,
                        subject: statement.claims.subject.description, leafIndex: first + UInt64(place))
                })
        }
    }
}
