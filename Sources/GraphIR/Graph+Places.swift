extension Graph {
    /// The position of each node in topological order, from 0. O(nodes).
    public var places: [NodeID: Int] {
        Dictionary(
            order.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }
}
