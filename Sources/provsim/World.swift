import ProvChain

/// Everything there is in one run: machines, the network between them, time, and what goes wrong. All of it
/// follows from the seed.
final class World {
    enum MachineEvent {
        case input(Simplex.Input)
        case wake(UInt64)
        case restart
        case executed(Digest)
        case askRange
    }

    enum Event {
        case deliver(Packet, from: Int, to: Int)
        /// For the life of the machine in which it was scheduled only.
        case machine(Int, Int, MachineEvent)
        case client
        case partition
        case healPartition
        case blackout
        case wipe
    }

    let scenario: Scenario
    let seed: UInt64
    let heights: UInt64
    let ballots: Ballots
    /// Of a chain with a ledger.
    let registry: Registry?
    private(set) var machines: [Machine] = []
    private(set) var time: UInt64 = 0
    private var queue = EventQueue<Event>()
    var random: RandomSource
    var counts = Counts()
    let checker: Checker
    private var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    private var side: [Bool]?
    private var nextCrash: UInt64 = .max
    private var healedAt: UInt64?
    private(set) var highest: UInt64 = 0
    var nextEntry: UInt64 = 1
    var entries: [Entry] = []

    /// A run may take this long, in microseconds, before its faults end whatever it reached.
    private static let faultyTime: UInt64 = 600_000_000
    /// After the faults, progress takes at most this for each height, and this much at all.
    private static let timePerHeight: UInt64 = 3_000_000
    private static let timeToHeal: UInt64 = 120_000_000
    /// Views after the last final one in which a quorum agreed and nothing became final: validators that rush on. With
    /// faults alone, their timers allow some hundred.
    private static let viewsWithoutFinal: UInt64 = 1_000
    private static let heightsAfterHealing: UInt64 = 10

    init(scenario: Scenario, seed: UInt64, heights: UInt64) {
        self.scenario = scenario
        self.seed = seed
        self.heights = heights
        registry =
            scenario.runsLedger
            ? Registry(validators: scenario.validators, epochLength: scenario.epochLength) : nil
        let genesis = Self.freshExecution(scenario, registry).tip
        ballots = Ballots(validators: scenario.validators, genesis: genesis.header)
        random = RandomSource(seed: seed)
        let liar = scenario.byzantine == nil ? nil : UInt64(RandomSource.first(seed) % UInt64(scenario.validators))
        checker = Checker(
            ballots: ballots, genesis: genesis, reference: registry.map { LedgerChain($0) }
        ) { $0 != liar }
        for index in 0..<scenario.validators {
            machines.append(
                liar == UInt64(index)
                    ? makeLiar(index) : Machine(number: index, index: UInt64(index), world: self))
        }
        if scenario.byzantine == .twins, let liar {
            machines.append(Twin(number: scenario.validators, index: liar, world: self))
        }
        for machine in machines where scenario.skew > 0 {
            machine.clockOffset = Int64(random.within(0...(2 * scenario.skew))) - Int64(scenario.skew)
            counts[.skewedClocks] += 1
        }
        if scenario.hasWildClock {
            machines[random.below(scenario.validators)].clockOffset = 600_000
            counts[.wildClocks] += 1
        }
        if scenario.hasOddSetting { setOddly() }
    }

    private static func freshExecution(_ scenario: Scenario, _ registry: Registry?) -> any Execution {
        if let registry { LedgerChain(registry) } else { HashChain(epochLength: scenario.epochLength) }
    }

    func freshExecution() -> any Execution { Self.freshExecution(scenario, registry) }

    // MARK: The run

    struct Outcome: Sendable {
        let seed: UInt64
        let scenario: String
        let stateHash: UInt64
        let heights: UInt64
        let milliseconds: UInt64
        let counts: Counts
        let failure: String?
    }

    func run() -> Outcome {
        for machine in machines { machine.start() }
        at(1_000, .client)
        if scenario.partitionEvery > 0 { at(random.within(1...scenario.partitionEvery), .partition) }
        if scenario.crashesTogether { at(scenario.crashEvery, .blackout) }
        if scenario.wipesOne { at(random.within(500_000...2_000_000), .wipe) }
        scheduleCrash()
        while checker.violation == nil, let (moment, event) = queue.next() {
            time = moment
            if isDone { break }
            if let limit = deadline, time > limit {
                checker.fail("liveness", "heights \(machines.map(\.height)) \(time / 1_000) ms after the start")
                break
            }
            if healedAt == nil, highest + Self.heightsAfterHealing >= heights || time > Self.faultyTime { heal() }
            handle(event)
        }
        for machine in machines { fold(machine.application.tip.header.stateRoot.hashed) }
        return Outcome(
            seed: seed, scenario: scenario.name, stateHash: hash, heights: highest, milliseconds: time / 1_000,
            counts: counts, failure: checker.violation.map { "\($0.invariant): \($0.detail)" })
    }

    private var isDone: Bool {
        machines.allSatisfy { !$0.isHonest || $0.height >= heights }
    }

    private var deadline: UInt64? {
        healedAt.map { healed in
            let missing = heights > highest ? heights - highest : 0
            return max(healed, lastProgress) + Self.timeToHeal + missing * Self.timePerHeight
        }
    }

    private var lastProgress: UInt64 = 0

    private func heal() {
        healedAt = time
        lastProgress = time
        side = nil
        nextCrash = .max
    }

    var isFaulty: Bool { healedAt == nil }

    private func handle(_ event: Event) {
        switch event {
        case .deliver(let packet, let sender, let receiver):
            fold(time &* 31 &+ UInt64(receiver) &+ packet.fingerprint << 4)
            machines[receiver].receive(packet, from: machines[sender])
        case .machine(let number, let life, let event):
            let machine = machines[number]
            guard machine.life == life else { return }
            fold(time &* 17 &+ UInt64(number))
            switch event {
            case .input(let input): machine.feed(input)
            case .wake(let moment): machine.wake(moment)
            case .restart: machine.restart()
            case .executed(let id): machine.finishExecution(id)
            case .askRange: machine.askRange()
            }
        case .client: client()
        case .partition: partition()
        case .healPartition: side = nil
        case .blackout: blackout()
        case .wipe:
            let honest = machines.filter(\.isHonest)
            if isFaulty { honest[random.below(honest.count)].wipe() }
        }
    }

    func at(_ delay: UInt64, _ event: Event) { queue.schedule(event, at: time + delay) }

    private func fold(_ value: UInt64) { hash = (hash ^ value) &* 0x100_0000_01b3 }

    func progressed(to height: UInt64) {
        guard height > highest else { return }
        highest = height
        lastProgress = time
    }

    func believed(_ certificate: Certificate, by machine: Machine) {
        if certificate.kind == .nullify { counts[.nullifications] += 1 }
        if machine.isHonest { checker.believed(certificate, by: machine.number) }
        if certificate.view > Self.viewsWithoutFinal {
            let others = machines.filter { $0.isHonest && $0.epoch == certificate.epoch }
            guard let final = others.compactMap({ $0.core?.finalView }).max(),
                certificate.view > final + Self.viewsWithoutFinal
            else { return }
            checker.fail("liveness", "view \(certificate.view), and nothing final since view \(final)")
        }
    }

    func otherValidator(than index: UInt64) -> UInt64 {
        (index + 1 + random.below(UInt64(scenario.validators - 1))) % UInt64(scenario.validators)
    }

    // MARK: Network

    func latency() -> UInt64 { random.within(scenario.latency) }

    func send(_ packet: Packet, from sender: Machine, to index: UInt64) {
        for receiver in machines where receiver.index == index && receiver.number != sender.number {
            if let twin = receiver as? Twin, !twin.hears(sender) { continue }
            if let twin = sender as? Twin, !twin.hears(receiver) { continue }
            transmit(packet, from: sender.number, to: receiver.number)
        }
    }

    private func transmit(_ packet: Packet, from sender: Int, to receiver: Int) {
        guard isFaulty else { return at(latency(), .deliver(packet, from: sender, to: receiver)) }
        if let side, side[sender] != side[receiver] {
            counts[.cut] += 1
            return
        }
        if random.strikes(scenario.loss) {
            counts[.lost] += 1
            return
        }
        var delay = latency()
        if random.strikes(scenario.delay) {
            delay *= random.within(2...20)
            counts[.delayed] += 1
        }
        at(delay, .deliver(packet, from: sender, to: receiver))
        if random.strikes(scenario.duplication) {
            counts[.duplicated] += 1
            at(latency() * 3, .deliver(packet, from: sender, to: receiver))
        }
    }

    /// Two halves, or one machine alone.
    private func partition() {
        at(random.within(scenario.partitionEvery / 2...scenario.partitionEvery * 2), .partition)
        guard isFaulty else { return }
        let alone = random.below(2) == 0 ? random.below(machines.count) : nil
        side = machines.indices.map { alone == nil ? random.below(2) == 0 : $0 == alone }
        counts[.partitions] += 1
        at(random.within(500_000...6_000_000), .healPartition)
    }

    // MARK: Crashes

    private func scheduleCrash() {
        guard scenario.crashEvery > 0, !scenario.crashesTogether else { return }
        nextCrash = time + random.within(scenario.crashEvery / 4...scenario.crashEvery)
    }

    /// Asked at every durable step of an honest machine. At most the faulty minority is down at once, so that
    /// the run gets on; blackouts are for the rest.
    func strikesHere(_ machine: Machine) -> Bool {
        guard time >= nextCrash, machine.isHonest, isFaulty, random.below(6) == 0 else { return false }
        scheduleCrash()
        return true
    }

    private func blackout() {
        at(random.within(scenario.crashEvery / 2...scenario.crashEvery * 2), .blackout)
        guard isFaulty else { return }
        counts[.blackouts] += 1
        for machine in machines where machine.core != nil { machine.crash() }
    }
}

extension RandomSource {
    static func first(_ seed: UInt64) -> UInt64 {
        var source = RandomSource(seed: seed ^ 0x5eed)
        return source.next()
    }
}

extension Digest {
    fileprivate var hashed: UInt64 { bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
