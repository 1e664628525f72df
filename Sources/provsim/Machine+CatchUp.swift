import ProvChain

/// How a machine that is behind gets final blocks.
extension Machine {

    func askRange() {
        guard let target = catchUpTarget, let reached = core?.final.view, target.epoch == epoch,
            reached < target.view
        else {
            isAsking = false
            return
        }
        isAsking = true
        world.send(.rangeRequest(from: height + 1), from: self, to: world.otherValidator(than: index))
        world.at(500_000, .machine(number, life, .askRange))
    }

    func answerRange(from height: UInt64, to sender: Machine) {
        guard height > 0, height <= self.height else { return }
        let first = Int(height) - 1
        var end = min(disk.log.count, first + 64)
        if let boundary = disk.log[first..<end].firstIndex(where: { $0.block.header.nextEpochRecord != nil }) {
            end = boundary + 1
        }
        guard let last = disk.log[first..<end].lastIndex(where: { $0.certificate != nil }),
            let certificate = disk.log[last].certificate
        else { return }
        world.send(.range(disk.log[first...last].map(\.block), certificate), from: self, to: sender.index)
    }

    func receive(_ blocks: [Block], _ certificate: Certificate) {
        guard let reached = core?.final.view, let last = blocks.last, blocks.first?.header.height == height + 1,
            certificate.epoch == epoch, certificate.kind == .finalize, certificate.block == last.header.id,
            certificate.view > reached, let verified = try? committee.verify(certificate)
        else { return }
        var parent = application.tip.header
        for block in blocks {
            guard block.header.parent == parent.id else { return }
            parent = block.header
        }
        for block in blocks {
            // A synthetic driver executes what it fetched on top of what it just executed.
            bodies[block.header.id] = block
            guard application.execute(block) == true else {
                return world.checker.fail("final blocks are valid", "node \(number) at \(block.header.height)")
            }
        }
        append(blocks, certificate)
        world.believed(certificate, by: self)
        feed(.synced(FinalPoint(header: last.header, view: certificate.view), verified.content))
        feed(.statements(waiting: hasWork))
    }
}
