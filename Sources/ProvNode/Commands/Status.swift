import ArgumentParser
import AsyncHTTPClient
import Foundation
import NIOCore
import ProvChain

struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say where the node of a home stands.",
        discussion: """
            EXAMPLES
              provnode status --home ~/provnode
              provnode status --home ~/provnode --json
            """)

    @Option(help: "The node's folder.") var home: String
    @Flag(help: "Print one JSON document.") var json = false

    func run() async throws {
        let home = NodeHome(home)
        _ = try home.loadGenesis()
        guard let running = RunningFile.read(home) else {
            throw NodeCommandError(
                description: "no node runs in \(home.path); start it with `provnode run --home \(home.path)`", code: 69)
        }
        let chain = try await fetch(running.url)
        if json {
            Output.json(chain)
            return
        }
        let age = (Int64(WallClock.now()) - Int64(chain.time)) / 1_000
        print(
            """
            \(chain.origin) at \(running.url) (process \(running.pid))
              chain       \(chain.chain)
              height      \(chain.height), epoch \(chain.epoch), last block \(age) s ago
              history     \(chain.size) leaves, root \(chain.root)
              waiting     \(chain.pending) statements
              validators  \(chain.validators.map(\.name).joined(separator: ", "))
            """)
    }

    private func fetch(_ url: String) async throws -> ChainView {
        do {
            let response = try await HTTPClient.shared.execute(
                HTTPClientRequest(url: url + "/api/v1/chain"), timeout: .seconds(5))
            let body = try await response.body.collect(upTo: 1 << 20)
            return try JSONDecoder().decode(ChainView.self, from: Data(body.readableBytesView))
        } catch {
            throw NodeCommandError(
                description: "the node at \(url) does not answer (\(error)); was it killed? `provnode run` starts it "
                    + "again", code: 69)
        }
    }
}
