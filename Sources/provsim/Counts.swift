/// How often each kind of thing happened.
enum Happening: String, CaseIterable, Sendable {
    case lost, duplicated, delayed, cut, partitions, crashes, tornCopies, damagedCopies, blackouts, wiped
    case lostRecords
    case skewedClocks, wildClocks, oddSettings, epochs, slowBlocks, idleBlocks, twoForms, accusations, refusedMessages
    case nullifications, catchUps, blockFetches, equivocations, lies, entries, replays, refusedEntries
    case abandonedBlocks, executedOnPending
}

struct Counts: Sendable {
    private var numbers = [UInt64](repeating: 0, count: Happening.allCases.count)

    subscript(_ happening: Happening) -> UInt64 {
        get { numbers[Self.place(happening)] }
        set { numbers[Self.place(happening)] = newValue }
    }

    private static let places = Dictionary(
        uniqueKeysWithValues: Happening.allCases.enumerated().map { ($0.element, $0.offset) })

    private static func place(_ happening: Happening) -> Int { places[happening] ?? 0 }

    mutating func add(_ other: Counts) {
        for index in numbers.indices { numbers[index] += other.numbers[index] }
    }
}

extension Scenario {
    /// What must have happened in many runs of this scenario, or it tests less than it says.
    var promises: [Happening] {
        var all: [Happening] = [.entries]
        if loss > 0 { all.append(.lost) }
        if duplication > 0 { all.append(.duplicated) }
        if delay > 0 { all.append(.delayed) }
        if partitionEvery > 0 { all += [.partitions, .cut] }
        if crashEvery > 0 { all.append(.crashes) }
        // A committee of one journals nothing.
        if crashEvery > 0, validators > 1 { all += [.tornCopies, .lostRecords] }
        if crashesTogether { all.append(.blackouts) }
        if damagesCopies { all.append(.damagedCopies) }
        if wipesOne { all += [.wiped, .catchUps] }
        if skew > 0 { all.append(.skewedClocks) }
        if hasWildClock { all.append(.wildClocks) }
        if hasOddSetting { all.append(.oddSettings) }
        if epochLength < 1 << 40 { all.append(.epochs) }
        if slowBlockEvery > 0 { all.append(.slowBlocks) }
        if idles { all.append(.idleBlocks) }
        if runsLedger { all += [.executedOnPending, .abandonedBlocks] }
        if twoForms { all.append(.twoForms) }
        switch byzantine {
        case .equivocator: all += [.lies, .equivocations, .accusations]
        case .nuller, .conflicter: all += [.lies, .accusations]
        case .forger: all += [.lies, .nullifications]
        case .outdated, .framer: all += [.lies, .refusedMessages]
        case .silent: all += [.nullifications]
        case .twins: all.append(.accusations)
        case nil: break
        }
        return all
    }
}
