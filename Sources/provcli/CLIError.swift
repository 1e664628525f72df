import ProvChain

/// How provcli ends (sysexits). The numbers are a contract with scripts.
enum ExitStatus: Int32 {
    case done = 0
    /// Does not verify, or was not found.
    case no = 1
    case usage = 64
    case badData = 65
    case unreachable = 69
    case internalError = 70
    case tryAgain = 75
    case refused = 77
}

/// Why a command did not do what it was asked to.
enum CLIError: Error {
    case failed(Catalogue.Failure, [String: String] = [:])
    /// A rule of the registry that was broken, found here before anything was sent.
    case refused(Refusal)
    /// The node's own words.
    case problem(ProblemView, node: String)
    /// The result was printed already; only the exit status is left to say.
    case answered(ExitStatus)

    init(_ error: any Error) {
        switch error {
        case let error as CLIError: self = error
        case let refusal as Refusal: self = .refused(refusal)
        default: self = .failed(.internalError, ["reason": "\(error)"])
        }
    }

    var status: ExitStatus {
        switch self {
        case .failed(let failure, _): failure.status
        case .refused(let refusal): Self.status(of: refusal.rule)
        case .answered(let status): status
        case .problem(let problem, _): Self.status(of: problem)
        }
    }

    private static func status(of rule: Rule) -> ExitStatus {
        switch rule {
        case .malformed, .tooLarge: .badData
        case .expired: .tryAgain
        default: .refused
        }
    }

    private static func status(of problem: ProblemView) -> ExitStatus {
        if let rule = Rule(rawValue: problem.rule) { return status(of: rule) }
        if problem.retry { return .tryAgain }
        return switch problem.status {
        case 404: .no
        case 429, 503: .tryAgain
        case 401, 403, 409, 422: .refused
        case 400..<500: .badData
        default: .internalError
        }
    }

    var rule: String {
        switch self {
        case .failed(let failure, _): failure.rawValue
        case .refused(let refusal): refusal.rule.rawValue
        case .problem(let problem, _): problem.rule
        case .answered: ""
        }
    }

    var parameters: [String: String] {
        switch self {
        case .failed(_, let parameters): parameters
        case .refused(let refusal): refusal.parameters
        case .problem(let problem, _): problem.parameters
        case .answered: [:]
        }
    }

    /// The sentence, in the catalogue's words wherever it knows the rule.
    func message(in language: Language) -> String {
        switch self {
        case .failed(let failure, let parameters): return failure.phrase.text(in: language, parameters)
        case .refused(let refusal): return Catalogue.sentence(for: refusal, in: language)
        case .problem(let problem, let node):
            if let rule = Rule(rawValue: problem.rule) {
                return Catalogue.phrase(for: rule).text(in: language, problem.parameters)
            }
            if let known = Catalogue.NodeProblem(rawValue: problem.rule) {
                return known.phrase.text(in: language, problem.parameters)
            }
            return Catalogue.Failure.nodeFailed.phrase.text(
                in: language, ["node": node, "status": "\(problem.status)", "reason": problem.detail])
        case .answered: return ""
        }
    }

    /// What a wrong command line looks like in JSON; `message` is the argument parser's.
    static func usage(_ message: String) -> JSONValue {
        document(rule: "usage", message: message, parameters: [:], retry: false)
    }

    func document(in language: Language) -> JSONValue {
        Self.document(
            rule: rule, message: message(in: language), parameters: parameters, retry: status == .tryAgain)
    }

    private static func document(
        rule: String, message: String, parameters: [String: String], retry: Bool
    ) -> JSONValue {
        .object([
            "error": .object([
                "rule": .string(rule), "message": .string(message),
                "parameters": .object(parameters.mapValues { .string($0) }), "retry": .bool(retry),
            ])
        ])
    }
}

extension Catalogue.Failure {
    fileprivate var status: ExitStatus {
        switch self {
        case .nodeMissing, .badNode, .chainMissing, .partyMissing, .outputMissing, .previousMissing,
            .passphraseNeeded, .badArgument:
            .usage
        case .fileMissing, .fileUnreadable, .fileNotWritten, .fileExists, .fileTooLarge, .fileChanged, .fileEmpty,
            .folderEmpty, .folderLeft, .folderLink, .notRegular, .badPath, .mainFileMissing, .tooLong, .tooMany,
            .badContent, .badConfiguration, .keyMissing, .keyNotUsable, .wrongPassphrase, .emptyPassphrase, .keyDamaged,
            .notASigningKey,
            .outOfMemory, .wordCount, .wordUnknown, .wordsChecksum, .wordsUnasked, .passphrasesDiffer,
            .otherChain:
            .badData
        case .notFound, .searchOff, .historyBroken, .receiptInvalid: .no
        case .unreachable, .timedOut, .connectionLost: .unreachable
        case .badAnswer, .nodeFailed, .internalError: .internalError
        case .pending, .gaveUp: .tryAgain
        }
    }
}
