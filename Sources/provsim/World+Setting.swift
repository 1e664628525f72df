import ProvChain

/// Who takes part: liars, odd machines, and clients.
extension World {
    /// Patience of a hundredth, or of a hundred times as much.
    func setOddly() {
        machines[random.below(scenario.validators)].delta = random.below(2) == 0 ? 3 : 30_000
        counts[.oddSettings] += 1
    }

    func makeLiar(_ index: Int) -> Machine {
        switch scenario.byzantine {
        case .equivocator: Equivocator(number: index, index: UInt64(index), world: self)
        case .silent: Silent(number: index, index: UInt64(index), world: self)
        case .nuller: Nuller(number: index, index: UInt64(index), world: self)
        case .outdated: Outdated(number: index, index: UInt64(index), world: self)
        case .conflicter: Conflicter(number: index, index: UInt64(index), world: self)
        case .forger: Forger(number: index, index: UInt64(index), world: self)
        case .framer: Framer(number: index, index: UInt64(index), world: self)
        case .twins: Twin(number: index, index: UInt64(index), world: self)
        case nil: Machine(number: index, index: UInt64(index), world: self)
        }
    }

    // MARK: Clients

    /// Statements come in bursts; now and then nothing comes for a while, and now and then an old one again.
    func client() {
        var pause = random.within(5_000...60_000)
        if scenario.idles, isFaulty, random.below(40) == 0 { pause = random.within(2_000_000...25_000_000) }
        at(pause, .client)
        var entry = Entry(id: nextEntry, form: 0)
        if let old = entries.last, random.below(16) == 0 {
            entry = entries[random.below(entries.count)]
            if old.id != entry.id { counts[.replays] += 1 }
        } else {
            nextEntry += 1
            entries.append(entry)
            if entries.count > 512 { entries.removeFirst(256) }
            counts[.entries] += 1
        }
        registry?.issue(entry.id, now: 1_000_000 + time / 1_000)
        let hasTwoForms = scenario.twoForms && random.below(4) == 0
        if hasTwoForms { counts[.twoForms] += 1 }
        for machine in machines {
            let form: UInt8 = hasTwoForms ? UInt8(random.below(2 as UInt64)) : 0
            let packet = Packet.entry(Entry(id: entry.id, form: form))
            if !isFaulty || !random.strikes(scenario.loss) {
                at(latency(), .deliver(packet, from: machine.number, to: machine.number))
            }
        }
    }
}
