import ArgumentParser
import Foundation
import ProvChain

/// The first step of a consortium: each member makes its keys at home and publishes the public halves.
struct Apply: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the keys of a future member, and the public application that a founder needs.",
        discussion: """
            Nothing in the application is secret. The keys stay in the home; the chain's genesis is made of all \
            members' applications by `provnode found`, and comes into the home with `provnode join`.

            EXAMPLES
              PROV_PASSPHRASE=… provnode apply --home /var/lib/provnode/node --member "City Museum" \\
                  --origin museums.example/provchain --out city-museum.application
            """)

    @Option(help: "The folder to make.") var home: String
    @Option(help: "The log's origin, a URL without scheme: the chain's name for good, the same for all members.")
    var origin: String
    @Option(help: "The name of your organisation, public and for good.") var member: String
    @Option(help: "Where to write the application; HOME/member.application by default.") var out: String?
    @Option(help: "The port of the HTTP API; 0 lets the system choose.") var port = 8_420
    @Option(help: "The port for other nodes; 0 lets the system choose.") var peerPort = 8_421
    @Flag(name: .long, help: "Leave the keys unencrypted. For development only.") var unencryptedKeys = false
    @Flag(help: "Print one JSON document.") var json = false

    func validate() throws {
        try FoundingOptions.check(origin: origin)
        try FoundingOptions.check(member: member)
        try FoundingOptions.check(port: port, "--port")
        try FoundingOptions.check(port: peerPort, "--peer-port")
    }

    func run() throws {
        let home = NodeHome(home)
        for file in [home.genesis, home.keys] where FileManager.default.fileExists(atPath: file) {
            throw HomeError.exists(file)
        }
        let path = out ?? home.path + "/member.application"
        guard !FileManager.default.fileExists(atPath: path) else { throw HomeError.exists(path) }
        let protection = try KeyProtection.chosen(unencrypted: unencryptedKeys)
        let keys = try MemberKeys()
        let application = try keys.application(origin: origin, member: member)
        try keys.write(to: home, protection)
        if !FileManager.default.fileExists(atPath: home.configuration) {
            try FileBytes.create(
                home.configuration, Array(NodeConfiguration.template(port: port, peerPort: peerPort).utf8))
        }
        try HomeFormat.note(in: home)
        try FileBytes.create(path, application.cbor)
        report(home, path, application, protection)
    }

    private func report(
        _ home: NodeHome, _ path: String, _ application: MemberApplication, _ protection: KeyProtection
    ) {
        let hash = SHA256.hash(application.cbor)
        let registrar = PartyApplication.identifier(
            chain: Array(origin.utf8), firstKey: application.account.key.kid)
        if json {
            Output.json([
                "home": home.path, "application": path, "sha256": hash.hex, "member": member, "origin": origin,
                "registrar": URN.party(registrar).description, "registrarKey": home.key(MemberKeys.registrarName),
            ])
            return
        }
        print(
            """
            The keys of "\(member)" are ready in \(home.path)
              application  \(path)
                           SHA-256 \(hash)
              for origin   \(origin)
            \(protection.sentence)
            Next: give the application to the founder, and the hash on another way; then
                  provnode join --home \(home.path) --genesis FILE
            """)
    }
}

/// What the commands that found a chain demand of their options.
enum FoundingOptions {
    static func check(origin: String) throws {
        guard Genesis.isOrigin(origin) else {
            throw ValidationError(
                "--origin takes printable ASCII without spaces or +, at most 200 characters.",
                "--origin 应为可打印 ASCII 字符，不含空格和 +，最多 200 个。")
        }
    }

    static func check(member: String) throws {
        guard !member.isEmpty, member.utf8.count <= Limits.nameBytes else {
            throw ValidationError(
                "--member takes 1 to \(Limits.nameBytes) bytes.", "--member 应为 1 至 \(Limits.nameBytes) 字节。")
        }
    }

    static func check(port: Int, _ option: String) throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("\(option) takes 0 to 65535.", "\(option) 应为 0 至 65535。")
        }
    }
}
