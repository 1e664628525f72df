@testable import ProvChain

extension FuzzTarget {
    static let note = FuzzTarget(
        "note", "signed notes, checkpoints, verifier keys, cosignatures, key names", atMost: 2_048
    ) { bytes in
        if let note = try? SignedNote(bytes: bytes) {
            require(note.bytes == bytes, "a note is written with other bytes")
            require((try? SignedNote(text: note.text, signatures: note.signatures)) == note, "a note of other parts")
            if let checkpoint = try? Checkpoint(text: note.text) {
                require(checkpoint.text == note.text, "a checkpoint is written with other bytes")
            }
            checkSigners(of: note)
        }
        if let checkpoint = try? Checkpoint(text: bytes) {
            require(checkpoint.text == bytes, "a checkpoint is written with other bytes")
        }
        if let name = try? KeyName(bytes: bytes) { require(name.bytes == bytes, "a name of other bytes") }
        Strictly.spelling(string(of: bytes), { try? VerifierKey($0) }, \.description)
    }

    /// A line counts exactly if its key is known and the check says yes.
    private static func checkSigners(of note: SignedNote) {
        let keys = note.signatures.prefix(4).map {
            VerifierKey(name: $0.name, type: VerifierKey.ed25519, publicKey: $0.signature)
        }
        _ = try? note.verified(by: keys) { _, _, _ in true }
        for line in note.signatures {
            guard let cosignature = Cosignature(line: line) else { continue }
            require(cosignature.lineBytes == line.signature, "a cosignature is written with other bytes")
        }
    }

    static let tile = FuzzTarget(
        "tile", "tile paths, tiles, entry bundles", atMost: 8_192
    ) { bytes in
        Strictly.spelling(string(of: bytes), { try? TilePath($0) }, \.text)
        if let hashes = TileBytes.decode(bytes) {
            require(TileBytes.encode(hashes) == bytes, "a tile is written with other bytes")
            if hashes.count.nonzeroBitCount == 1 { _ = MerkleHash.perfectRoot(hashes[...]) }
        }
        checkEntries(bytes)
    }

    private static func checkEntries(_ bytes: [UInt8]) {
        var widths: [Int] = []
        for width in [1, 2, 3, 255, 256] {
            guard let entries = try? EntryBundle.decode(bytes, width: width) else { continue }
            widths.append(width)
            require(entries.count == width, "\(entries.count) entries in a bundle of \(width)")
            require((try? EntryBundle.encode(entries)) == bytes, "a bundle is written with other bytes")
        }
        require(widths.count <= 1, "a bundle of as many widths as \(widths)")
    }
}
