import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import ProvChain

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say where the node of a home stands.",
        discussion: """
            Its place on the chain, the other validators as it sees them, and what is worth knowing.

            EXAMPLES
              provnode status --home ~/provnode
              provnode status --home ~/provnode --json
            """)

    @Option(help: "The node's folder.") var home: String
    @Flag(help: "Print one JSON document.") var json = false

    private struct Document: Encodable {
        let chain: ChainView
        let node: NodeView
    }

    func run() async throws {
        let running = try RunningNode(home: home)
        let chain: ChainView = try await running.get("/api/v1/chain")
        let node: NodeView = try await running.get("/api/v1/node")
        if json {
            Output.json(Document(chain: chain, node: node))
            return
        }
        print(
            """
            \(chain.origin) at \(running.url) (process \(running.process))
              chain       \(chain.chain)
              height      \(chain.height), epoch \(chain.epoch), view \(node.view), last block \(node.lastBlock / 1_000) s ago
              history     \(chain.size) leaves, root \(chain.root)
              waiting     \(chain.pending) statements
              role        \(node.role)\(node.role == "validator" && !node.votes ? ", does not vote" : "")
            """)
        for validator in node.validators { print(Self.line(validator, leads: validator.index == node.leader)) }
        for observer in node.observers {
            let standing =
                observer.connected
                ? "connected for \(observer.since / 1_000) s, height \(observer.height)" : "not connected"
            print("  observer    \(observer.name): \(standing)")
        }
        for finding in node.findings.dropFirst() { print("  note        \(finding.text["en"] ?? finding.kind)") }
    }

    private static func line(_ validator: NodeView.Validator, leads: Bool) -> String {
        let standing =
            validator.isSelf
            ? "this node"
            : "\(validator.connected ? "connected" : "NOT CONNECTED") for \(validator.since / 1_000) s, "
                + "height \(validator.height)"
        return "  validator   \(validator.index) \(validator.name): \(standing)\(leads ? ", leads" : "")"
    }
}

/// Why there are blocks or none.
struct Why: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say in plain words why the chain makes blocks, or why it does not.",
        discussion: """
            Says which validators are away or silent and since when, what this node waits for, and what is the matter \
            with it: its clock, its disk, its journal.

            Exit codes: 0 the chain makes blocks; 1 it does not, or this validator cannot vote; 69 no node runs.

            EXAMPLES
              provnode why --home ~/provnode
              provnode why --home ~/provnode --language zh
            """)

    @Option(help: "The node's folder.") var home: String
    @Option(help: "en or zh; by default that of the locale.") var language: Language?
    @Flag(help: "Print one JSON document.") var json = false

    func run() async throws {
        let node: NodeView = try await RunningNode(home: home).get("/api/v1/node")
        if json {
            Output.json(node.findings)
        } else {
            let language = language ?? .ofLocale
            for finding in node.findings { print(finding.text[language.rawValue] ?? finding.kind) }
        }
        let stalled = node.findings.contains { $0.kind == Finding.Kind.stalled.rawValue }
        if stalled || node.role == "validator" && !node.votes { throw ExitCode(1) }
    }
}

/// The node that runs on a home, asked over HTTP.
struct RunningNode {
    let url: String
    let process: Int32

    init(home path: String) throws {
        let home = NodeHome(path)
        _ = try home.loadGenesis()
        guard let running = RunningFile.read(home) else {
            throw NodeCommandError(
                phrase: Phrase(
                    "no node runs in \(home.path); start it with `provnode run --home \(home.path)`",
                    "\(home.path) 中没有正在运行的节点；请用 `provnode run --home \(home.path)` 启动"), code: 69)
        }
        url = running.url
        process = running.pid
    }

    func get<T: Decodable>(_ path: String) async throws -> T {
        do {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: url + path), timeout: .seconds(5))
            let body = try await response.body.collect(upTo: 1 << 20)
            return try JSONDecoder().decode(T.self, from: Data(body.readableBytesView))
        } catch {
            throw NodeCommandError(
                phrase: Phrase(
                    "the node at \(url) does not answer (\(error)); was it killed? `provnode run` starts it again",
                    "位于 \(url) 的节点没有应答（\(error)）；它是否已被终止？可用 `provnode run` 重新启动"), code: 69)
        }
    }
}
