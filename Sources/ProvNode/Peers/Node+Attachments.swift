import ProvChain

/// Public attachments, on their way from the node that got them to the others. What is restricted stays where its
/// owner put it.
extension Node {
    /// Remembers what came with a statement, until the statement is final.
    func noteAttachments(_ hashes: [Digest], of statement: Digest) {
        guard !peers.isAlone, !hashes.isEmpty else { return }
        ownAttachments[statement] = hashes
    }

    /// Says which attachments of final statements are to be had here.
    func announceAttachments(of blocks: [ExecutedBlock]) {
        guard !ownAttachments.isEmpty else { return }
        let hashes = blocks.flatMap { block in
            block.execution.applied.flatMap { ownAttachments.removeValue(forKey: $0.statement.id) ?? [] }
        }
        guard !hashes.isEmpty else { return }
        for start in stride(from: 0, to: hashes.count, by: WireMessage.Bounds.attachments) {
            let page = hashes[start..<min(start + WireMessage.Bounds.attachments, hashes.count)]
            gossip(.send(.attachments(Array(page)), to: .validators))
        }
    }

    /// Asks for what is not here.
    func want(_ hashes: [Digest], from peer: IdentityKey) {
        guard peers.gossip.wanted < peers.gossip.bounds.wantedItems / 4 else { return }
        let store = attachments
        Task {
            // Whether there is a file is cheaper to know than what is in it.
            let missing = try? await readers.run { try hashes.filter { try !store.contains($0) } }
            guard let missing, !missing.isEmpty else { return }
            gossip(.want(missing.map { .attachment($0) }, at: [peer]))
        }
    }

    /// Keeps bytes that were asked for, if a final statement commits to them.
    func keep(_ bytes: [UInt8], _ hash: Digest, from peer: IdentityKey) {
        guard SHA256.hash(bytes) == hash else { return gossip(.proved(.wrongItem(.attachment(hash)), of: peer)) }
        Task {
            do {
                try await store(attachment: bytes, hash: hash, dataClass: .public)
            } catch {
                logger.debug("attachment \(hash) is not kept: \(error)")
            }
        }
    }
}
