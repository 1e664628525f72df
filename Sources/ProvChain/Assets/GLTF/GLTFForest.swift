/// The node hierarchy: who is whose parent, which nodes lie on a cycle, and which tree each belongs to. Built
/// without recursion, in time linear in the number of nodes, whatever the depth.
struct GLTFForest {
    /// `nil` for roots; the first one that names a node counts.
    private(set) var parents: [Int?]
    /// Nodes that a second parent names: parent and position among its children.
    private(set) var overrides: [(parent: Int, position: Int)] = []
    private(set) var isOnCycle: [Bool]
    /// The root of each node's tree; for nodes that hang on a cycle some node of it.
    private(set) var roots: [Int]
    /// When a walk through the tree enters and leaves each node: a descendant's span lies inside.
    private var spans: [(enter: Int, leave: Int)]

    init(_ nodes: [GLTFModel.Node]) {
        parents = Array(repeating: nil, count: nodes.count)
        isOnCycle = Array(repeating: false, count: nodes.count)
        roots = Array(0..<nodes.count)
        spans = Array(repeating: (0, 0), count: nodes.count)
        var owned: [[Int]] = Array(repeating: [], count: nodes.count)
        for (parent, node) in nodes.enumerated() {
            for (position, child) in node.children.enumerated() {
                if parents[child] == nil {
                    parents[child] = parent
                    owned[parent].append(child)
                } else {
                    overrides.append((parent, position))
                }
            }
        }
        findCycles()
        walk(owned)
    }

    private mutating func findCycles() {
        // The number of the climb that passed a node first: meeting the own number again closes a cycle.
        var climbs = Array(repeating: -1, count: parents.count)
        for start in parents.indices {
            var node = start
            while climbs[node] < 0 {
                climbs[node] = start
                guard let parent = parents[node] else { break }
                node = parent
            }
            guard climbs[node] == start, parents[node] != nil, !isOnCycle[node] else { continue }
            var member = node
            repeat {
                isOnCycle[member] = true
                guard let parent = parents[member] else { break }
                member = parent
            } while member != node
        }
    }

    private mutating func walk(_ children: [[Int]]) {
        var time = 0
        for root in parents.indices where parents[root] == nil {
            var stack = [(node: root, next: 0)]
            spans[root].enter = time
            while let top = stack.last {
                time += 1
                if top.next < children[top.node].count {
                    stack[stack.count - 1].next += 1
                    let child = children[top.node][top.next]
                    roots[child] = root
                    spans[child].enter = time
                    stack.append((child, 0))
                } else {
                    spans[top.node].leave = time
                    stack.removeLast()
                }
            }
        }
    }

    /// Whether `ancestor` is `node` or above it; only for forests without cycles.
    func contains(_ ancestor: Int, _ node: Int) -> Bool {
        spans[ancestor].enter <= spans[node].enter && spans[node].leave <= spans[ancestor].leave
    }
}
