/// What goes wrong in a run. Rates are parts of a million, times microseconds unless named otherwise.
struct Scenario: Sendable {
    enum Byzantine: String, CaseIterable, Sendable {
        case equivocator, silent, nuller, outdated, conflicter, forger, twins, framer
    }

    let name: String
    var validators = 4
    var loss: UInt64 = 0
    var duplication: UInt64 = 0
    /// A message that takes up to twenty times as long.
    var delay: UInt64 = 0
    var latency: ClosedRange<UInt64> = 500...20_000
    /// Between the starts of two partitions; 0 for none.
    var partitionEvery: UInt64 = 0
    /// Between two crashes at some durable step; 0 for none.
    var crashEvery: UInt64 = 0
    var crashesTogether = false
    var damagesCopies = false
    var wipesOne = false
    /// Largest distance of a clock from the truth, in milliseconds.
    var skew: UInt64 = 0
    /// One clock is ten minutes fast.
    var hasWildClock = false
    var byzantine: Byzantine?
    /// Milliseconds.
    var epochLength: UInt64 = 1 << 40
    /// One execution of this many takes 700 ms.
    var slowBlockEvery = 0
    var idles = false
    /// One id, two signed forms, for different validators.
    var twoForms = false
    /// One machine has its own idea of how patient to be.
    var hasOddSetting = false
    /// Blocks hold real statements, and the real ledger executes them.
    var runsLedger = false

    static let all: [Scenario] = [
        Scenario(name: "calm", idles: true),
        Scenario(name: "lossy", loss: 50_000, duplication: 30_000, delay: 50_000),
        Scenario(name: "partitions", loss: 5_000, partitionEvery: 1_000_000),
        Scenario(name: "crashes", loss: 5_000, crashEvery: 600_000, damagesCopies: true),
        Scenario(name: "blackouts", crashEvery: 900_000, crashesTogether: true),
        Scenario(name: "wiped", loss: 5_000, wipesOne: true),
        Scenario(name: "skew", loss: 10_000, skew: 2_000),
        Scenario(name: "wild-clock", skew: 500, hasWildClock: true),
        Scenario(name: "epochs", loss: 20_000, duplication: 10_000, crashEvery: 1_500_000, epochLength: 700),
        Scenario(name: "slow-blocks", loss: 5_000, slowBlockEvery: 24, twoForms: true),
        Scenario(name: "equivocator", validators: 7, loss: 10_000, byzantine: .equivocator),
        Scenario(name: "silent", loss: 5_000, byzantine: .silent),
        Scenario(name: "nuller", loss: 10_000, byzantine: .nuller),
        Scenario(name: "outdated", loss: 10_000, duplication: 20_000, byzantine: .outdated),
        Scenario(name: "conflicter", loss: 10_000, byzantine: .conflicter),
        Scenario(name: "forger", loss: 5_000, byzantine: .forger),
        Scenario(name: "twins", validators: 4, loss: 10_000, byzantine: .twins),
        Scenario(name: "framer", loss: 5_000, byzantine: .framer),
        Scenario(name: "odd-setting", loss: 5_000, idles: true, hasOddSetting: true),
        Scenario(name: "sole", validators: 1, crashEvery: 300_000, epochLength: 5_000, idles: true),
        Scenario(
            name: "harsh", loss: 10_000, partitionEvery: 2_000_000, crashEvery: 900_000, epochLength: 2_500,
            slowBlockEvery: 24, idles: true),
        Scenario(
            name: "ledger", loss: 10_000, partitionEvery: 5_000_000, crashEvery: 2_000_000, epochLength: 2_500,
            slowBlockEvery: 24, idles: true, runsLedger: true),
        Scenario(
            name: "ledger-liar", loss: 10_000, duplication: 10_000, delay: 20_000, crashEvery: 1_500_000,
            byzantine: .equivocator, epochLength: 4_000, runsLedger: true),
        Scenario(
            name: "ledger-forger", validators: 7, loss: 10_000, partitionEvery: 2_000_000, wipesOne: true,
            byzantine: .forger, runsLedger: true),
        Scenario(
            name: "mixed", validators: 7, loss: 20_000, duplication: 20_000, delay: 20_000,
            partitionEvery: 2_000_000, crashEvery: 1_500_000, damagesCopies: true, skew: 1_000,
            byzantine: .equivocator, epochLength: 3_000, idles: true, twoForms: true),
    ]

    static func named(_ name: String) -> Scenario? { all.first { $0.name == name } }
}
