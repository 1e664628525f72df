import ProvChain

/// Models at hand that a new asset looks like. Registered or not; what was registered, a node that searches knows.
struct LookAlikes {
    struct Found {
        let path: String
        let other: String
        let comparison: PrintComparison
    }

    /// The nearest first.
    let found: [Found]

    /// - Parameters:
    ///   - asset: what is about to be claimed.
    ///   - folder: a file or a folder of models; what cannot be read is not compared.
    init(of asset: Asset, among folder: String) throws(CLIError) {
        let others = try Asset.models(try FileListing(folder)).map { ($0.path, $0.prints()) }
        var found: [(nearest: Int, Found)] = []
        for (own, prints) in asset.prints {
            for (path, other) in others {
                let comparison = PrintComparison(prints, other)
                guard comparison.looksAlike else { continue }
                let nearest = min(comparison.distance ?? .max, comparison.parts?.distance ?? .max)
                found.append((nearest, Found(path: own, other: path, comparison: comparison)))
            }
        }
        self.found = found.sorted { ($0.nearest, $0.1.other) < ($1.nearest, $1.1.other) }.map(\.1)
    }

    /// Says them on standard error.
    func tell(_ console: Console) {
        for entry in found {
            console.notice(
                .lookAlike,
                [
                    "path": entry.path, "other": entry.other,
                    "detail": entry.comparison.text(in: console.language),
                ])
        }
    }
}
