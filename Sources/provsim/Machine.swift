import ProvChain

/// One simulated node: the driver of a ``Simplex`` value. It does nothing that a real driver would not do; its
/// disk and its network are the world's, and the world may stop it at any durable step.
class Machine {
    let number: Int
    /// Which validator it is; twins share one.
    let index: UInt64
    unowned let world: World
    var core: Simplex?
    var disk: Disk
    var application: any Execution
    /// Unchecked blocks that arrived, by id; dropped when final.
    var bodies: [Digest: Block] = [:]
    var pool: [Entry] = []
    var compactHints: [Digest: (proposal: Proposal, leaves: [Digest], ids: [UInt64])] = [:]
    var catchUpTarget: Certificate?
    var isAsking = false
    var lastRangeRequest: UInt64 = 0
    var committee: Committee
    /// Events of an earlier life find nobody.
    var life = 0
    var wakeAt: UInt64?
    var isWiped = false
    /// Blocks that the last crash took from the log.
    var lostBlocks: UInt64 = 0
    var clockOffset: Int64 = 0
    /// Milliseconds.
    var delta: UInt64 = 300

    init(number: Int, index: UInt64, world: World) {
        self.number = number
        self.index = index
        self.world = world
        disk = Disk(owner: .owner(chain: world.ballots.chain, key: SHA256.hash([UInt8(index)])))
        application = world.freshExecution()
        committee = world.ballots.committee(0)
    }

    var isHonest: Bool { true }
    var height: UInt64 { application.tip.header.height }
    var instant: Instant { Instant(milliseconds: world.time / 1_000) }
    var wallClock: UInt64 { UInt64(Int64(1_000_000 + world.time / 1_000) + clockOffset) }

    // MARK: Life

    func start() {
        let tip = application.tip.header
        let ended = tip.nextEpochRecord != nil
        let epoch = ended ? tip.epoch + 1 : tip.epoch
        let last = disk.log.last { $0.certificate != nil }?.certificate
        var recovered = Simplex.Recovered(isLost: isWiped)
        if !isWiped { recover(into: &recovered, epoch: epoch) }
        // The log ends with a finalized block: certificate and blocks are one append.
        let finality = last.flatMap { $0.epoch == epoch ? $0 : nil }
        begin(
            epoch, at: FinalPoint(header: tip, view: finality?.view ?? 0), finality: finality, recovered: recovered,
            predecessor: ended ? last : predecessor(of: epoch))
    }

    func predecessor(of epoch: UInt64) -> Certificate? {
        disk.log.last { $0.block.header.nextEpochRecord == world.ballots.epochRecord(epoch) && epoch > 0 }?.certificate
    }

    func recover(into recovered: inout Simplex.Recovered, epoch: UInt64) {
        switch disk.recover(chain: world.ballots.chain, key: SHA256.hash([UInt8(index)])) {
        case .fresh, .lost:
            world.checker.fail("journal recovery", "node \(number) lost its journal to a crash")
        case .recovered(let records, _, _, _):
            for record in records {
                switch record {
                case .owner: break
                case .vote(let vote): recovered.votes.append(vote)
                case .certificate(let certificate): recovered.certificates.append(certificate)
                case .block(let header, let body):
                    recovered.blocks.append(header)
                    bodies[header.id] = Block(header: header, body: Self.entries(body))
                }
            }
        }
    }

    func begin(
        _ epoch: UInt64, at point: FinalPoint, finality: Certificate?, recovered: Simplex.Recovered,
        predecessor: Certificate?
    ) {
        let index = self.index
        committee = world.ballots.committee(epoch)
        var configuration = Simplex.Configuration(
            committee: committee, index: index,
            timing: ConsensusTiming(delta: delta, idleInterval: 10_000), predecessor: predecessor
        ) { Ballots.sign($0, by: index) }
        configuration.watchesOwnKey = isHonest
        core = Simplex(configuration, final: point, finality: finality, recovered: recovered)
        wakeAt = nil
        isAsking = false
        feed(.start)
        for other in world.machines where other.number != number && other.core != nil {
            feed(.connected(other.index))
            world.at(world.latency(), .machine(other.number, other.life, .input(.connected(index))))
        }
        feed(.statements(waiting: hasWork))
    }

    func crash() {
        life += 1
        core = nil
        world.counts[.crashes] += 1
        let loss = disk.crash(&world.random)
        world.counts[.tornCopies] += UInt64(loss.torn)
        world.counts[.lostRecords] += loss.blocks > 0 ? 1 : 0
        lostBlocks = UInt64(loss.blocks)
        if world.scenario.damagesCopies, world.random.below(4) == 0 {
            disk.damage(copy: world.random.below(2), &world.random)
            world.counts[.damagedCopies] += 1
        }
        bodies = [:]
        pool = []
        compactHints = [:]
        catchUpTarget = nil
        world.at(world.random.within(50_000...3_000_000), .machine(number, life, .restart))
    }

    func restart() {
        guard core == nil else { return }
        application = application.restarted(with: disk.log.map(\.block))
        world.checker.restarted(number, height: height, lost: lostBlocks)
        start()
    }

    /// Everything on the disk goes, and with it the journal.
    func wipe() {
        crash()
        disk = Disk(owner: .owner(chain: world.ballots.chain, key: SHA256.hash([UInt8(index)])))
        application = world.freshExecution()
        isWiped = true
        world.checker.wiped(number)
        world.counts[.wiped] += 1
    }

    /// Overridden by liars.
    func dispatch(_ message: ConsensusMessage, to peer: UInt64) { post(message, to: peer) }
}
