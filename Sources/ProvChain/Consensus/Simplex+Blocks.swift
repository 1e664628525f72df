extension Simplex {
    /// A block that is asked for.
    struct Fetch: Sendable {
        var due: Instant
        var holders: [UInt64]
        /// A view that needs it.
        var view: UInt64
    }

    /// True if the block was executed in full here, as valid.
    func isExecuted(_ block: Digest) -> Bool { block == final.block || blocks[block]?.status == .valid }

    func header(of block: Digest) -> BlockHeader? { block == final.block ? final.header : blocks[block]?.header }

    /// Sees to it that a block is executed here: fetches it, or its first missing ancestor, and executes them
    /// in order.
    mutating func want(_ block: Digest, from holders: [UInt64]) {
        var cursor = block
        while cursor != final.block {
            guard let held = blocks[cursor] else { return fetch(cursor, from: holders) }
            guard held.header.height > final.header.height else { return }
            blocks[cursor]?.isWanted = true
            switch held.status {
            case .valid, .invalid, .executing: return
            case .held: break
            }
            let parent = held.header.parent
            if blocks[parent]?.status == .invalid { return executed(cursor, isValid: false) }
            if isExecuted(parent) {
                blocks[cursor]?.status = .executing
                step.effects.append(.execute(cursor))
                return
            }
            cursor = parent
        }
    }

    private mutating func fetch(_ block: Digest, from holders: [UInt64]) {
        guard fetches[block] == nil else { return }
        // Votes are shorter than blocks and come first: the block is probably under way.
        fetches[block] = Fetch(due: now.advanced(by: timing.delta / 4), holders: holders, view: view)
    }

    /// A block whose body is here.
    mutating func hold(_ header: BlockHeader, _ id: Digest) {
        guard header.height > final.header.height, header.epoch == committee.epoch, blocks[id] == nil else { return }
        blocks[id] = PendingBlock(header: header, status: .held)
    }

    mutating func obtained(_ header: BlockHeader) {
        let id = header.id
        guard let fetch = fetches.removeValue(forKey: id) else { return }
        hold(header, id)
        want(id, from: fetch.holders)
        for child in blocks.values.filter({ $0.header.parent == id && $0.isWanted }).map(\.header.id).sorted() {
            want(child, from: fetch.holders)
        }
    }

    mutating func executed(_ id: Digest, isValid: Bool) {
        guard let block = blocks[id], block.status != .valid, block.status != .invalid else { return }
        blocks[id]?.status = isValid ? .valid : .invalid
        if !isValid {
            for (view, state) in views.sorted(by: { $0.key < $1.key }) where state.notarization?.block == id {
                fallSilent(.divergence(view: view, block: id))
            }
        }
        let children = blocks.filter { $0.value.header.parent == id && $0.value.isWanted }.keys.sorted()
        for child in children { want(child, from: []) }
    }
}
