extension Graph {
    /// The position of each node in topological order, from 0. O(nodes).
    public var places: [NodeID: Int] {
        Dictionary(
            order.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Sequence<NodeID> {
    /// The nodes in topological order, by a graph's `places`. O(n log n), whatever the size of the graph.
    public func sorted(by places: [NodeID: Int]) -> [NodeID] {
        sorted { places[$0] ?? 0 < places[$1] ?? 0 }
    }
}
