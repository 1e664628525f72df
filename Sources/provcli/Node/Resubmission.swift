import ProvChain

/// A validator may take a statement and never put it into a block, by fault or on purpose; or its part of the
/// network may be cut off from the majority. So what is not final after a while goes to f + 1 others too, of which
/// one at least is honest if at most f are faulty. The statement is applied once, whoever has it.
extension Context {
    private static let patienceSeconds = 3

    private enum Step: Sendable {
        case answered(NodeClient, Result<StatementView, CLIError>)
        case late([NodeClient])
    }

    func send(_ submission: Submission, _ statement: Statement) async throws -> StatementView {
        let first = try node()
        return try await withThrowingTaskGroup(of: Step.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                .answered(first, await self.outcome(submission, statement, of: first, announces: true))
            }
            group.addTask {
                try await Task.sleep(for: .seconds(Self.patienceSeconds))
                return .late(await self.otherValidators(than: first))
            }
            var (isLate, others, failure) = (false, 0, CLIError?.none)
            while let step = try await group.next() {
                switch step {
                case .late(let nodes):
                    isLate = true
                    others = nodes.count
                    tellResubmission(from: first, to: nodes)
                    for node in nodes {
                        group.addTask {
                            .answered(node, await self.resubmit(submission, statement, to: node))
                        }
                    }
                case .answered(let node, .success(let view)):
                    if node.address != first.address, view.status == .final { tellFinal(at: node) }
                    return view
                case .answered(let node, .failure(let error)):
                    // What others say against it counts less than what the chosen node says.
                    if node.address == first.address { failure = error } else { others -= 1 }
                    // Its own last word, unless somebody is still asked who may know better.
                    if let failure, !isLate || others == 0 { throw failure }
                }
            }
            preconditionFailure("the chosen node neither answered nor failed")
        }
    }

    private func outcome(
        _ submission: Submission, _ statement: Statement, of node: NodeClient, announces: Bool
    ) async -> Result<StatementView, CLIError> {
        do {
            return .success(try await send(submission, statement, to: node, announces: announces))
        } catch {
            return .failure(CLIError(error))
        }
    }

    /// Only to a node of the statement's chain: where a URL leads may have changed.
    private func resubmit(
        _ submission: Submission, _ statement: Statement, to node: NodeClient
    ) async -> Result<StatementView, CLIError> {
        do {
            let (found, expected) = (try await node.chain().chain, statement.claims.chain.hex)
            guard found == expected else { throw CLIError.failed(.otherChain, ["found": found, "expected": expected]) }
        } catch {
            return .failure(CLIError(error))
        }
        return await outcome(submission, statement, of: node, announces: false)
    }

    /// f + 1 of them by chance, so that nobody knows beforehand whom to stop.
    private func otherValidators(than node: NodeClient) async -> [NodeClient] {
        var known = validators.withLock { $0.known }
        if known == nil { known = (try? await node.chain()).map { KnownValidators($0) } }
        guard let known = known ?? rememberedValidators(of: node) else { return [] }
        let nodes = known.urls.compactMap { try? NodeClient($0, transport) }.filter { $0.origin != node.origin }
        return Array(nodes.shuffled().prefix(known.count - Quorum.size(of: known.count) + 1))
    }

    private func tellResubmission(from node: NodeClient, to others: [NodeClient]) {
        guard !others.isEmpty else { return }
        let addresses = others.map(\.address)
        validators.withLock { $0.resubmittedTo = addresses }
        console.notice(
            .resubmitting,
            [
                "node": node.address, "seconds": "\(Self.patienceSeconds)", "count": "\(others.count)",
                "nodes": addresses.joined(separator: ", "),
            ])
    }

    /// What comes after the statement is asked of the node that knows it as final.
    private func tellFinal(at node: NodeClient) {
        validators.withLock {
            $0.finalAt = node.address
            $0.substitute = node
        }
        console.notice(.finalElsewhere, ["node": node.address])
    }
}
