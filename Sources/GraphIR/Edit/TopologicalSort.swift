extension Graph {
    /// Orders the live nodes so that every value is defined before it is read.
    ///
    /// Depth-first from the nodes in their present order, so an order that is valid already stays as it is,
    /// and a new node, which is last, moves right before its first reader. O(nodes + edges), without
    /// recursion.
    ///
    /// - Throws: `GraphError.cycle` with a value on the cycle.
    mutating func sortTopologically() throws(GraphError) {
        enum Mark { case fresh, open, done }
        var marks = [Mark](repeating: .fresh, count: nodeStorage.count)
        var sorted: [NodeID] = []
        sorted.reserveCapacity(order.count)
        var stack: [(node: NodeID, next: Int)] = []

        for root in order where contains(root) && marks[root.index] == .fresh {
            marks[root.index] = .open
            stack.append((root, 0))
            while let (id, next) = stack.last {
                let node = self[id]
                let dependencyCount = node.inputs.count + node.captures.count
                guard next < dependencyCount else {
                    marks[id.index] = .done
                    sorted.append(id)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                let value =
                    next < node.inputs.count ? node.inputs[next] : node.captures[next - node.inputs.count]
                guard let value, case .node(let producer, _) = self[value].definition else { continue }
                switch marks[producer.index] {
                case .done: break
                case .open: throw GraphError.cycle(self[value].name)
                case .fresh:
                    marks[producer.index] = .open
                    stack.append((producer, 0))
                }
            }
        }
        order = sorted
    }
}
