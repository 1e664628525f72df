import ArgumentParser
import Foundation
import ProvChain

/// The second step of a consortium: one of the members puts the applications together.
struct Found: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the genesis of a chain of several members out of their applications.",
        discussion: """
            Checks every proof in every application. The order of the files is the order of the validators. Each \
            member's account is administrator and registrar; the one whose key is given signs the opening statement, \
            which gives it no further rights. Compare the applications' hashes with what the members told you.

            EXAMPLES
              provnode found --applications city-museum.application archive.application press.application \\
                  fund.application --key /var/lib/provnode/node/keys/registrar.key --out genesis.cbor
            """)

    @Option(parsing: .upToNextOption, help: "The members' applications, made by `provnode apply`.")
    var applications: [String]
    @Option(help: "The registrar's key of one of these members.") var key: String
    @Option(help: "Where to write the genesis file.") var out: String
    @Flag(help: "Print one JSON document.") var json = false

    func validate() throws {
        guard (1...Limits.validators).contains(applications.count) else {
            throw ValidationError(
                "--applications takes 1 to \(Limits.validators) files.",
                "--applications 应为 1 至 \(Limits.validators) 个文件。")
        }
    }

    func run() throws {
        guard !FileManager.default.fileExists(atPath: out) else { throw HomeError.exists(out) }
        let founders = try applications.map(read)
        let genesis: Genesis
        do {
            genesis = try Genesis(founders: founders, time: WallClock.now())
        } catch {
            throw NodeCommandError(phrase: error.phrase, code: 65)
        }
        let signer = try ValidatorKeys.open(key, try KeyProtection.environmentPassphrase())
        guard founders.contains(where: { $0.account.key == signer.publicKey }) else {
            throw HomeError.badFile(
                key, reason: Phrase("it is not the registrar's key of one of these applications", "它不是这些申请中任何一份的登记员密钥"))
        }
        let file = try GenesisFile.seal(genesis, by: signer, nonce: SystemRandom.bytes(16))
        try FileBytes.create(out, file.cbor)
        GenesisReport(file: file, path: out).print(
            json: json, title: "The genesis of a new chain is in \(out)",
            next: "Next: give it to every member, and the hash on another way; each then runs\n"
                + "      provnode join --home DIR --genesis \(out)")
    }

    private func read(_ path: String) throws -> MemberApplication {
        let bytes = try FileBytes.read(
            path, whatToDo: Phrase("give the files that `provnode apply` wrote", "请提供 `provnode apply` 写出的文件"))
        do {
            return try MemberApplication(cbor: bytes)
        } catch {
            throw HomeError.badFile(path, reason: Phrase(of: error))
        }
    }
}

/// What all members compare about a genesis before they run it.
struct GenesisReport {
    let file: GenesisFile
    let path: String

    private struct Document: Encodable {
        let genesis: String
        let sha256: String
        let chain: String
        let origin: String
        let members: [String]
        let validators: Int
        let faultsWithstood: Int
    }

    func print(json: Bool, title: String, next: String) {
        let genesis = file.genesis
        let hash = SHA256.hash(file.cbor)
        let count = genesis.validators.count
        let faults = count - Quorum.size(of: count)
        let names = genesis.members.map(\.name)
        if json {
            Output.json(
                Document(
                    genesis: path, sha256: hash.hex, chain: genesis.chain.hex, origin: genesis.origin,
                    members: names, validators: count, faultsWithstood: faults))
            return
        }
        Swift.print(
            """
            \(title)
              chain       \(genesis.chain)
              origin      \(genesis.origin)
              SHA-256     \(hash)
              members     \(names.map { "\"\($0)\"" }.joined(separator: ", "))
              validators  \(count); blocks are made while at most \(faults) of them are away or faulty
            \(next)
            """)
    }
}
