import ProvChain

/// Sending the same statement again is safe: a node that has it answers as it did the first time. So a lost
/// connection, a full node or a slow block is met by sending again, until the statement is final or the
/// attempts are used up.
extension Context {
    private static let maximumAttempts = 6
    private static let firstPauseSeconds: UInt64 = 1

    /// To one node. `announces`: whether tries after the first are told.
    func send(
        _ submission: Submission, _ statement: Statement, to node: NodeClient, announces: Bool
    ) async throws -> StatementView {
        var pause = Self.firstPauseSeconds
        var mayHaveArrived = false
        for attempt in 1... {
            let reason: CLIError
            do {
                let view = try await node.submit(submission, wait: global.wait)
                guard view.statement == statement.id.hex else {
                    throw node.badAnswer("statement \(view.statement)")
                }
                if view.status == .final || global.wait == .submitted { return view }
                reason = .failed(.pending, ["statement": statement.id.hex])
            } catch let error as CLIError {
                if let view = try await alreadyApplied(error, statement, node) { return view }
                guard Self.isWorthRepeating(error) else { throw mayHaveArrived ? explained(error, statement) : error }
                reason = error
                mayHaveArrived = mayHaveArrived || Self.leavesDoubt(error)
            }
            guard attempt < Self.maximumAttempts, Time.now < statement.claims.expiry else {
                throw mayHaveArrived ? inDoubt(reason, statement) : reason
            }
            if announces {
                console.notice(
                    .retrying,
                    [
                        "reason": reason.message(in: console.language), "attempt": "\(attempt + 1)",
                        "limit": "\(Self.maximumAttempts)",
                    ])
            }
            try await Task.sleep(for: .seconds(pause))
            pause *= 2
        }
        preconditionFailure("the attempts are bounded")
    }

    /// The statement's place, if the refusal says that it has one.
    private func alreadyApplied(
        _ error: CLIError, _ statement: Statement, _ node: NodeClient
    ) async throws -> StatementView? {
        guard error.rule == Rule.replayed.rawValue else { return nil }
        return try await node.statement(statement.id)
    }

    private static func isWorthRepeating(_ error: CLIError) -> Bool {
        error.status == .unreachable || (error.status == .tryAgain && error.rule != Rule.expired.rawValue)
    }

    /// True if the node may have the statement although its answer did not come.
    private static func leavesDoubt(_ error: CLIError) -> Bool {
        [Catalogue.Failure.timedOut.rawValue, Catalogue.Failure.connectionLost.rawValue].contains(error.rule)
    }

    /// After a try whose answer was lost, "expired" does not mean that the statement was not applied before.
    private func explained(_ error: CLIError, _ statement: Statement) -> CLIError {
        error.rule == Rule.expired.rawValue ? inDoubt(error, statement) : error
    }

    private func inDoubt(_ reason: CLIError, _ statement: Statement) -> CLIError {
        if reason.rule == Catalogue.Failure.pending.rawValue { return reason }
        return .failed(
            .gaveUp,
            [
                "statement": statement.id.hex, "reason": reason.message(in: console.language),
                "expiry": Time.text(seconds: statement.claims.expiry),
            ])
    }
}
