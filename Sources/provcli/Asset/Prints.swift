import ProvChain

/// What a model looks like, for commands that tell it.
extension Model {
    /// None if the model has nothing to measure, or measuring takes more than allowed.
    func prints() -> AssetPrints {
        var budget = AssetBudget()
        return (try? fingerprint.prints(budget: &budget)) ?? .nothing
    }
}

extension AssetPrints {
    var document: JSONValue {
        .object([
            "algorithm": .string(ShapePrint.version), "asset": whole?.document ?? .null,
            "components": .array(components.map(\.document)), "small": .number(Int64(smallComponents)),
            "unprinted": .number(Int64(unprintedComponents)),
        ])
    }

    /// For people: the whole, and how many parts there are.
    var lines: [Console.Line] {
        guard let whole else { return [] }
        return [
            Console.Line("\(ShapePrint.version)  \(whole.print.hex)  \(whole.word)  +\(components.count)")
        ]
    }
}

extension PrintedShape {
    /// One word: distinctive, few-triangles, or the primitive it looks like.
    var word: String {
        switch distinction {
        case .distinctive: "distinctive"
        case .fewTriangles: "few-triangles"
        case .primitive(let shape, _): shape.rawValue
        }
    }

    var document: JSONValue {
        .object([
            "print": .string(print.hex), "triangles": .number(Int64(triangles)),
            "occurrences": .number(Int64(occurrences)), "distinction": .string(word),
        ])
    }
}

extension PrintComparison {
    /// What is said about shape, apart from what is said about bytes and components.
    var document: JSONValue {
        var nearest = JSONValue.null
        if let parts {
            nearest = .object([
                "distance": .number(Int64(parts.distance)), "first": parts.first.document,
                "second": parts.second.document,
            ])
        }
        return .object([
            "algorithm": .string(ShapePrint.version), "distance": distance.map { .number(Int64($0)) } ?? .null,
            "parts": nearest, "verdict": .string(verdict.rawValue), "basis": .string("shape-only"),
        ])
    }

    var looksAlike: Bool {
        switch verdict {
        case .nearCertain, .forReview: true
        case .generic, .none, .unknown: false
        }
    }

    /// The verdict in words, with the distances it rests on.
    func text(in language: Language) -> String {
        let notice: Catalogue.Notice =
            switch verdict {
            case .nearCertain: .shapeNearCertain
            case .forReview: .shapeForReview
            case .generic: .shapeGeneric
            case .none: .shapeNone
            case .unknown: .shapeUnknown
            }
        return notice.phrase.text(
            in: language,
            ["whole": distance.map(String.init) ?? "–", "parts": parts.map { "\($0.distance)" } ?? "–"])
    }
}
