import ProvChain
import Testing

/// A key at rest: opened by its passphrase and nothing else, and by no file that was changed.
struct KeyFileTests {
    static let passphrase = Array("correct horse".utf8)
    static let seed = [UInt8](0..<32)

    static func protection(_ cost: KeyDerivation.Cost = .minimum) -> KeyFile.Protection {
        .passphrase(
            passphrase, salt: [UInt8](repeating: 0xa0, count: 16), nonce: [UInt8](repeating: 0xb0, count: 24),
            cost: cost)
    }

    /// Computed by PyNaCl (Argon2id, XChaCha20-Poly1305) and cbor2 from the format's description.
    static let golden = """
        a6 01 74 70726f76636861696e2f6b65792d66696c652f31 02 27
        03 5828 a30101200621582003a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8
        04 84 02 01 192000 50 a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0
        05 5818 b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0
        06 5830 a7fa2c80045157907d0c3d5dfaf577508070851a152f141a73cf991da016588c
        d0f237d66e636668c21b23f08a530a4d
        """

    @Test func theFileIsWhatAnotherProgramMakes() throws {
        let key = try SecretKey(algorithm: .edDSA, secret: Self.seed)
        let file = try KeyFile.seal(key, Self.protection())
        #expect(try file == hex(Self.golden))
        let read = try KeyFile(cbor: file)
        #expect(read.key == .signature(key.publicKey))
        #expect(read.key.did == key.publicKey.did)
        #expect(!read.isPlaintext)
        #expect(try read.open(passphrase: Self.passphrase).withSecret { Array($0) } == Self.seed)
    }

    @Test(arguments: SignatureAlgorithm.allCases)
    func sealAndOpen(algorithm: SignatureAlgorithm) throws {
        let key = try SecretKey(algorithm: algorithm, secret: Self.seed)
        let file = try KeyFile(cbor: KeyFile.seal(key, Self.protection()))
        let opened = try file.open(passphrase: Self.passphrase)
        #expect(opened.publicKey == key.publicKey)
        #expect(opened.sign([1]) == key.sign([1]))
        #expect(throws: KeyFileError.wrongPassphrase) { try file.open(passphrase: Array("correct horsf".utf8)) }
        #expect(throws: KeyFileError.wrongPassphrase) { try file.open(passphrase: []) }
        #expect(throws: KeyFileError.passphraseNeeded) { try file.open(passphrase: nil) }
        #expect(throws: KeyFileError.otherKind) { try file.openIdentity(passphrase: Self.passphrase) }
    }

    @Test func identityKeysRestInTheSameWay() throws {
        let key = try IdentitySecret(secret: Self.seed)
        for protection in [Self.protection(), .plaintext] {
            let file = try KeyFile(cbor: KeyFile.seal(key, protection))
            let opened = try file.openIdentity(passphrase: file.isPlaintext ? nil : Self.passphrase)
            #expect(opened.publicKey == key.publicKey)
            #expect(throws: KeyFileError.otherKind) { try file.open(passphrase: nil) }
        }
    }

    @Test func plaintextIsExplicit() throws {
        let key = try SecretKey(algorithm: .es256k, secret: Self.seed)
        let bytes = try KeyFile.seal(key, .plaintext)
        let file = try KeyFile(cbor: bytes)
        #expect(file.isPlaintext)
        #expect(try file.open(passphrase: nil).publicKey == key.publicKey)
        #expect(throws: KeyFileError.notSealed) { try file.open(passphrase: Self.passphrase) }
        // The secret is the last 32 bytes; another one does not fit the public key.
        let swapped = try KeyFile(cbor: bytes.dropLast() + [0])
        #expect(throws: KeyFileError.otherPublicKey) { try swapped.open(passphrase: nil) }
        #expect(throws: KeyFileError.emptyPassphrase) {
            try KeyFile.seal(
                key,
                .passphrase(
                    [], salt: [UInt8](repeating: 0, count: 16), nonce: [UInt8](repeating: 0, count: 24),
                    cost: .minimum))
        }
    }

    @Test func noChangedByteAndNoShorterFileOpens() throws {
        let file = try hex(Self.golden)
        for index in file.indices {
            for bit in [0x01, 0x80] as [UInt8] {
                var changed = file
                changed[index] ^= bit
                guard let read = try? KeyFile(cbor: changed) else { continue }
                #expect(throws: KeyFileError.self, "byte \(index)") { try read.open(passphrase: Self.passphrase) }
            }
        }
        for count in file.indices {
            #expect(throws: CBORError.self) { try KeyFile(cbor: Array(file[..<count])) }
        }
        #expect(throws: CBORError.self) { try KeyFile(cbor: file + [0]) }
    }

    @Test func aCostAboveTheBoundIsRefusedUnspent() throws {
        let tooManyPasses = Self.golden.replacing("84 02 01 192000", with: "84 02 1841 192000")
        let error = #expect(throws: CBORError.self) { try KeyFile(cbor: hex(tooManyPasses)) }
        #expect(error?.kind == .tooLarge(limit: 64, found: 65))
        let tooMuchMemory = Self.golden.replacing("84 02 01 192000", with: "84 02 01 1a40000001")
        let memory = #expect(throws: CBORError.self) { try KeyFile(cbor: hex(tooMuchMemory)) }
        #expect(memory?.kind == .tooLarge(limit: 1 << 30, found: (1 << 30) + 1))
        for none in ["84 02 00 192000", "84 02 01 191fff"] {
            let text = Self.golden.replacing("84 02 01 192000", with: none)
            #expect(throws: CBORError.self) { try KeyFile(cbor: hex(text)) }
        }
        let atTheBound = Self.golden.replacing("84 02 01 192000", with: "84 02 1840 1a40000000")
        #expect(try KeyFile(cbor: hex(atTheBound)).isPlaintext == false)
    }

    @Test func theModerateCostIsSodiums() throws {
        #expect(KeyDerivation.Cost.moderate.operations == 3)
        #expect(KeyDerivation.Cost.moderate.memoryByteCount == 268_435_456)
    }

    @Test func systemRandomBytesDiffer() {
        #expect(SystemRandom.bytes(0).isEmpty)
        #expect(SystemRandom.bytes(32).count == 32)
        #expect(SystemRandom.bytes(32) != SystemRandom.bytes(32))
    }
}
