import ProvChain

/// An attachment that somebody may have.
struct AttachmentRead: Sendable {
    let bytes: [UInt8]
    let dataClass: DataClass
}

extension Node {
    /// Who reads restricted attachments besides their owners.
    static let readerRoles: Set<Role> = [
        .registrar, .copyrightReviewer, .contentReviewer, .regulatorObserving, .regulatorActing,
    ]

    /// The bytes with this hash, or `nil` if they are not here. Restricted ones only to whom they may go, and with
    /// an entry in the access log.
    func read(attachment hash: Digest, token: String?, at audiences: Audiences) async throws -> AttachmentRead? {
        let store = attachments
        guard try await files.run({ try store.isRestricted(hash) }) else {
            return try await attachment(hash).map { AttachmentRead(bytes: $0, dataClass: .public) }
        }
        let token = try authenticate(token, at: audiences)
        let owner = try await indexed { try $0.owner(ofAttachment: hash) }
        let reader = token.claims.party
        let roles = try ledger.record(.party(reader), source: state).map { try PartyRecord(cbor: $0.body).roles } ?? []
        let ground: AccessLog.Ground
        if owner == reader {
            ground = .owner
        } else if !Self.readerRoles.isDisjoint(with: roles) {
            ground = .role
        } else {
            throw Problems.readDenied(reader, hash)
        }
        let (log, logger) = (accessLog, logger)
        return try await files.run {
            guard let bytes = try store.get(hash) else { return nil }
            do throws(AccessLogError) {
                try log.append(
                    time: WallClock.now(), party: reader, key: token.kid, attachment: hash, ground: ground)
            } catch {
                logger.error("a read is not logged, so it is refused: \(error)")
                throw Problems.storage
            }
            return AttachmentRead(bytes: bytes, dataClass: .restricted)
        }
    }

    /// The token, if it is for this chain and node, in time, and by a key in force of its party.
    private func authenticate(_ text: String?, at audiences: Audiences) throws -> ReadToken {
        guard let text else { throw Problems.tokenMissing }
        guard let token = ReadToken(text: text) else { throw Problems.token("it is not a token") }
        let (claims, now) = (token.claims, WallClock.now() / 1_000)
        guard claims.chain == ledger.chain else { throw Problems.token("it is for another chain") }
        guard audiences.contains(claims.audience) else {
            throw Problems.token("it is for \(claims.audience); this is \(audiences.text)")
        }
        guard claims.issuedAt <= now + ReadToken.clockSkewSeconds else {
            throw Problems.token("it was issued at \(claims.issuedAt), and it is \(now)")
        }
        guard now < claims.expiry else { throw Problems.token("it expired at \(claims.expiry), and it is \(now)") }
        guard claims.expiry <= claims.issuedAt + ReadToken.maximumLifetimeSeconds, claims.issuedAt <= claims.expiry
        else { throw Problems.token("it may live for \(ReadToken.maximumLifetimeSeconds) seconds at most") }
        let stored = try ledger.record(.key(token.kid), source: state)
        guard let record = try stored.map({ try KeyRecord(cbor: $0.body) }), record.holder == .party(claims.party),
            record.purpose == .sign
        else { throw Problems.token("its key is not a signing key of its party") }
        guard record.untilHeight == nil else { throw Problems.token("its key is retired") }
        guard token.verify(with: record.key) else { throw Problems.token("its signature does not verify") }
        return token
    }
}
