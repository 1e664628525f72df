import ArgumentParser
import ProvChain

struct TokenCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a token that opens restricted attachments. 生成读取令牌。",
        discussion: """
            The token is good at the node that --node names, and nowhere else, until it expires. Whoever has it reads \
            as you until then, so hand it to nobody. provcli attachment get makes its own.

            Example:
              curl -H "Authorization: Bearer $(provcli token)" $NODE/api/v1/attachments/$HASH -o manifest.cbor
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "Seconds until it expires, at most 600.") var seconds: UInt64 = 300
    @Option(help: ArgumentHelp("The party that reads; else found by the key.", valueName: "urn")) var party: String?

    func validate() throws {
        guard (1...ReadToken.maximumLifetimeSeconds).contains(seconds) else {
            throw ValidationError("--seconds takes 1 to \(ReadToken.maximumLifetimeSeconds).")
        }
    }

    func run(in context: Context) async throws {
        let token = try await context.readToken(party: party, seconds: seconds)
        context.console.result(
            .object([
                "token": .string(token.text), "audience": .string(token.claims.audience),
                "party": .string(URN.party(token.claims.party).description),
                "expiry": JSONValue(token.claims.expiry),
            ]),
            [.init(token.text)])
    }
}

extension Context {
    /// A token for the node that is asked, signed now.
    func readToken(party named: String?, seconds: UInt64) async throws -> ReadToken {
        let node = try node()
        let (_, chain) = try await chain()
        let key = try unlockKey(at: keyPath)
        let party: Digest
        if let named {
            party = try ProvCLI.party(named)
        } else {
            party = try await holder(of: key.publicKey.kid)
        }
        let now = Time.now
        let claims = ReadToken.Claims(
            chain: chain, party: party, audience: node.origin, issuedAt: now, expiry: now + seconds,
            nonce: SystemRandom.bytes(ReadToken.nonceBytes))
        return ReadToken.signed(claims, by: key)
    }
}
