import Glibc
import ProvChain

/// Keys as files: found, unlocked, made and listed.
extension Context {
    static let maximumKeyFileBytes = 4_096

    func keyFile(at path: String) throws(CLIError) -> KeyFile {
        guard Disk.exists(path) else { throw .failed(.keyMissing, ["path": path]) }
        let bytes = try Disk.read(path, limit: Self.maximumKeyFileBytes)
        do throws(CBORError) {
            return try KeyFile(cbor: bytes)
        } catch {
            throw .failed(.keyNotUsable, ["path": path, "reason": error.description])
        }
    }

    func unlockKey(at path: String) throws(CLIError) -> SecretKey {
        try unlock(try keyFile(at: path), path)
    }

    func unlock(_ file: KeyFile, _ path: String) throws(CLIError) -> SecretKey {
        let passphrase = file.isPlaintext ? nil : try self.passphrase(.askPassphrase, path)
        do throws(KeyFileError) {
            return try file.open(passphrase: passphrase)
        } catch {
            throw CLIError(error, path: path)
        }
    }

    /// From the environment, the file of the option, or a terminal.
    private func passphrase(_ question: Catalogue.Notice, _ path: String) throws(CLIError) -> [UInt8] {
        if let passphrase = try passphraseGiven() { return passphrase }
        guard let answer = Prompt.secret(question.phrase.text(in: console.language, ["path": path])) else {
            throw .failed(.passphraseNeeded)
        }
        return answer
    }

    private func passphraseGiven() throws(CLIError) -> [UInt8]? {
        if let path = global.passphraseFile {
            let bytes = try Disk.read(path, limit: Self.maximumKeyFileBytes)
            var line = Array(bytes.prefix { $0 != UInt8(ascii: "\n") })
            if line.last == UInt8(ascii: "\r") { line.removeLast() }
            return line
        }
        return Environment["PROV_PASSPHRASE"].map { Array($0.utf8) }
    }

    /// How a new key file is protected; a person is asked twice.
    func protection(unencrypted: Bool, path: String) throws(CLIError) -> KeyFile.Protection {
        if unencrypted {
            console.notice(.plaintextKey)
            return .plaintext
        }
        var passphrase = try passphraseGiven()
        if passphrase == nil {
            passphrase = try self.passphrase(.askNewPassphrase, path)
            let again = Prompt.secret(Catalogue.Notice.askPassphraseAgain.phrase.text(in: console.language))
            guard again == passphrase else { throw .failed(.passphrasesDiffer) }
        }
        // Random for each file, so that equal passphrases make different seals.
        return .passphrase(
            passphrase ?? [], salt: SystemRandom.bytes(KeyDerivation.saltByteCount), nonce: SystemRandom.bytes(24))
    }

    func write(_ key: SecretKey, to path: String, unencrypted: Bool, force: Bool) throws(CLIError) {
        guard force || !Disk.exists(path) else { throw .failed(.fileExists, ["path": path]) }
        let bytes: [UInt8]
        let protection = try protection(unencrypted: unencrypted, path: path)
        do throws(KeyFileError) {
            bytes = try KeyFile.seal(key, protection)
        } catch {
            throw CLIError(error, path: path)
        }
        try Disk.makeFolders(for: path)
        try Disk.write(bytes, to: path, .secret, replacing: force)
    }

    /// A fresh key from the system's randomness.
    static func makeKey(_ algorithm: SignatureAlgorithm) -> SecretKey {
        while true {
            // All but one in 2^128 of the draws are scalars of secp256k1.
            let secret = SystemRandom.bytes(SignatureAlgorithm.secretByteCount)
            if let key = try? SecretKey(algorithm: algorithm, secret: secret) { return key }
        }
    }

    /// `kid`, `did`, `alg`, `path`: what is said about a key everywhere.
    func describe(_ key: KeyFile.Key, path: String, isPlaintext: Bool) -> (JSONValue, [Console.Line]) {
        let (kid, algorithm): (Digest, String)
        switch key {
        case .signature(let key): (kid, algorithm) = (key.kid, key.algorithm.name)
        case .identity(let key): (kid, algorithm) = (key.kid, "x25519")
        }
        let document: [String: JSONValue] = [
            "kid": .string(kid.hex), "did": .string(key.did), "alg": .string(algorithm), "path": .string(path),
            "encrypted": .bool(!isPlaintext),
        ]
        let lines: [Console.Line] = [
            .init(.key, kid.hex), .init(.urn, key.did), .init(.algorithm, algorithm),
            .init(.path, "\(path) (\(console.text(isPlaintext ? .unencrypted : .encrypted)))"),
        ]
        return (.object(document), lines)
    }

    func describe(_ key: SecretKey, path: String, isPlaintext: Bool) -> (JSONValue, [Console.Line]) {
        describe(.signature(key.publicKey), path: path, isPlaintext: isPlaintext)
    }

    /// The 24 words of a key.
    static func words(of key: SecretKey) -> Mnemonic {
        do {
            return try Mnemonic(entropy: key.withSecret { Array($0) })
        } catch {
            preconditionFailure("a secret of 32 bytes has words: \(error)")
        }
    }

    /// Shows the words of a new key, once, on standard error: they never mix with results.
    func showBackup(of key: SecretKey) {
        console.notice(.backupWords)
        let words = Self.words(of: key).words
        for start in stride(from: 0, to: words.count, by: 6) {
            let row = words[start..<min(start + 6, words.count)].enumerated()
                .map { "\(start + $0.offset + 1). \($0.element)" }
            console.message("    " + row.joined(separator: "  "))
        }
        console.notice(.backupWarning)
    }

    /// The key files of a folder, sorted by name.
    func keyPaths(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".key") { names.append(name) }
        }
        return names.sorted().map { folder + "/" + $0 }
    }
}

extension SignatureAlgorithm {
    /// The word of `--alg`.
    var name: String {
        switch self {
        case .es256k: "es256k"
        case .edDSA: "eddsa"
        }
    }

    init(argument: String) throws(CLIError) {
        self = try ProvCLI.word(argument, of: SignatureAlgorithm.self)
    }
}

extension CLIError {
    /// Why a key file was not opened or made, in the catalogue's words.
    init(_ error: KeyFileError, path: String) {
        switch error {
        case .emptyPassphrase: self = .failed(.emptyPassphrase)
        case .passphraseNeeded: self = .failed(.passphraseNeeded)
        case .wrongPassphrase: self = .failed(.wrongPassphrase, ["path": path])
        case .otherPublicKey: self = .failed(.keyDamaged, ["path": path])
        case .otherKind: self = .failed(.notASigningKey, ["path": path])
        case .outOfMemory(let needed): self = .failed(.outOfMemory, ["needed": "\(needed >> 20)"])
        case .notSealed: preconditionFailure("a passphrase is asked for only if the file is sealed")
        }
    }

    /// Why words are not a backup, in the catalogue's words.
    init(_ error: MnemonicError) {
        switch error {
        case .wrongEntropyLength(let expected, let found), .wrongWordCount(let expected, let found):
            self = .failed(.wordCount, ["expected": "\(expected)", "found": "\(found)"])
        case .unknownWord(let position, let word, let suggestion):
            self = .failed(
                .wordUnknown,
                ["position": "\(position)", "word": word, "suggestion": suggestion.map { "→ \($0)?" } ?? ""])
        case .wrongChecksum: self = .failed(.wordsChecksum)
        }
    }
}
