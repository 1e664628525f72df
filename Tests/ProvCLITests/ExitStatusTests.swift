import ProvChain
import Testing

@testable import provcli

/// Testing has one of that name, too.
typealias Ending = provcli.ExitStatus

/// The numbers are a contract with scripts: docs/errors.md and `provcli --help` have them.
@Suite("How provcli ends") struct ExitStatusTests {
    @Test func theNumbersAreThoseOfTheContract() {
        let all: [(Ending, Int32)] = [
            (.done, 0), (.no, 1), (.usage, 64), (.badData, 65), (.unreachable, 69), (.internalError, 70),
            (.tryAgain, 75), (.refused, 77),
        ]
        for (status, number) in all { #expect(status.rawValue == number) }
        for number in [Int32(1), 64, 65, 69, 70, 75, 77] {
            #expect(ProvCLI.configuration.discussion.contains("\(number) "))
        }
    }

    @Test func failuresOfOursSayWhoseFaultTheyAre() {
        #expect(CLIError.failed(.badArgument).status == .usage)
        #expect(CLIError.failed(.nodeMissing).status == .usage)
        #expect(CLIError.failed(.fileMissing).status == .badData)
        #expect(CLIError.failed(.wrongPassphrase).status == .badData)
        #expect(CLIError.failed(.notFound).status == .no)
        #expect(CLIError.failed(.unreachable).status == .unreachable)
        #expect(CLIError.failed(.pending).status == .tryAgain)
        #expect(CLIError.failed(.badAnswer).status == .internalError)
        #expect(CLIError.answered(.no).status == .no)
    }

    private func problem(_ rule: String, _ status: Int, retry: Bool = false) -> CLIError {
        .problem(
            ProblemView(title: "t", status: status, detail: "d", rule: rule, retry: retry), node: "n")
    }

    @Test(arguments: [
        (404, Ending.no), (429, .tryAgain), (503, .tryAgain), (401, .refused), (403, .refused), (409, .refused),
        (422, .refused), (400, .badData), (413, .badData), (500, .internalError), (502, .internalError),
    ])
    func whatANodeAnswersBecomesANumber(_ status: Int, _ expected: Ending) {
        #expect(problem("something-new", status).status == expected)
        // Whatever may be tried again is said so, by the node's own word.
        #expect(problem("something-new", status, retry: true).status == .tryAgain)
    }

    @Test func aRuleOfTheRegistryCountsMoreThanTheStatusOfHTTP() {
        #expect(problem(Rule.malformed.rawValue, 409).status == .badData)
        #expect(problem(Rule.expired.rawValue, 409).status == .tryAgain)
        for rule in Rule.allCases {
            let expected: Ending =
                switch rule {
                case .malformed, .tooLarge: .badData
                case .expired: .tryAgain
                default: .refused
                }
            #expect(problem(rule.rawValue, 500).status == expected, "\(rule)")
        }
    }

    @Test func everyFailureHasItsWordsInBothLanguages() throws {
        for failure in Catalogue.Failure.allCases {
            let error = CLIError.failed(failure)
            #expect(!error.message(in: .english).isEmpty && !error.message(in: .chinese).isEmpty, "\(failure)")
            #expect(error.message(in: .english) != error.message(in: .chinese), "\(failure)")
        }
    }

    @Test func errorsInJSONHaveTheRuleAndWhetherToTryAgain() throws {
        guard case .object(let document) = CLIError.failed(.pending, ["statement": "x"]).document(in: .english),
            case .object(let error)? = document["error"]
        else {
            Issue.record("not an object with an error")
            return
        }
        #expect(error["rule"] == .string(Catalogue.Failure.pending.rawValue))
        #expect(error["retry"] == .bool(true))
        #expect(error["parameters"] == .object(["statement": .string("x")]))
        guard case .object(let usage) = CLIError.usage("wrong"), case .object(let members)? = usage["error"] else {
            Issue.record("not an object with an error")
            return
        }
        #expect(members["rule"] == .string("usage") && members["message"] == .string("wrong"))
        #expect(members["retry"] == .bool(false))
    }

    @Test func whatIsNoErrorOfOursIsInternal() {
        struct Strange: Error {}
        #expect(CLIError(Strange()).status == .internalError)
        #expect(CLIError(CLIError.failed(.notFound)).status == .no)
    }
}
