import FoundationEssentials
import ProvChain

/// The validators of a chain, as one of their nodes listed them.
struct KnownValidators: Codable, Equatable {
    var chain: String
    /// How many validators there are, with or without a URL.
    var count: Int
    var urls: [String]

    init(_ view: ChainView) {
        chain = view.chain
        count = max(1, view.validators.count)
        urls = view.validators.compactMap(\.url)
    }
}

/// What a command learned of the validators' nodes, and what became of its statement there.
struct ValidatorNodes {
    var known: KnownValidators?
    /// Asked in place of the chosen node.
    var substitute: NodeClient?
    var resubmittedTo: [String] = []
    /// The node, not the chosen one, that first said that the statement is final.
    var finalAt: String?

    /// What `--json` says of it.
    var fields: [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        if !resubmittedTo.isEmpty { fields["resubmittedTo"] = .array(resubmittedTo.map { .string($0) }) }
        if let finalAt { fields["finalAt"] = .string(finalAt) }
        return fields
    }
}

/// Which nodes there are besides the chosen one is remembered from one command to the next: when the chosen one
/// does not answer, it is too late to ask it.
extension Context {
    private static let rememberedNodes = 32
    private static let maximumBytes = 1 << 20

    private var memory: String { home + "/validators.json" }

    /// The chain as the chosen node sees it or, if that does not answer, another validator's node of the same chain.
    func reachableChain() async throws -> (NodeClient, ChainView) {
        let node = try node()
        do {
            let view = try await node.chain()
            learn(KnownValidators(view), from: node)
            return (node, view)
        } catch let error as CLIError where error.status == .unreachable {
            guard let known = rememberedValidators(of: node) else { throw error }
            for url in known.urls {
                guard let other = try? NodeClient(url, transport), other.origin != node.origin,
                    let view = try? await other.chain(), view.chain == known.chain
                else { continue }
                validators.withLock {
                    $0.known = KnownValidators(view)
                    $0.substitute = other
                }
                console.notice(.otherNode, ["node": node.address, "other": other.address])
                return (other, view)
            }
            throw error
        }
    }

    private func learn(_ known: KnownValidators, from node: NodeClient) {
        validators.withLock { $0.known = known }
        var all = remembered()
        guard !known.urls.isEmpty, all[node.address] != known else { return }
        if all.count >= Self.rememberedNodes { all = [:] }
        all[node.address] = known
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        // A help for later; that it cannot be kept is no reason to fail now.
        guard let data = try? encoder.encode(all), (try? Disk.makeFolders(for: memory)) != nil else { return }
        try? Disk.write(Array(data), to: memory, .open, replacing: true)
    }

    func rememberedValidators(of node: NodeClient) -> KnownValidators? { remembered()[node.address] }

    /// A damaged file counts as none: it is written anew.
    private func remembered() -> [String: KnownValidators] {
        guard Disk.exists(memory), let bytes = try? Disk.read(memory, limit: Self.maximumBytes) else { return [:] }
        return (try? JSONDecoder().decode([String: KnownValidators].self, from: Data(bytes))) ?? [:]
    }
}
