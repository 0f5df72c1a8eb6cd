extension Tensor {
    /// Adds type and shape to a hash, and with `contents` the elements too, which takes O(bytes).
    public func combine(into hasher: inout Hasher, contents: Bool) {
        hasher.combine(type)
        guard contents else { return }
        hasher.combine(strings)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}

extension Attribute {
    /// Adds the value to a hash; equal values give equal hashes. A subgraph adds only its number of nodes.
    ///
    /// - Parameter contents: whether the elements of tensors count, or only their types and shapes.
    public func combine(into hasher: inout Hasher, contents: Bool) {
        switch self {
        case .int(let value): hasher.combine(value)
        case .float(let value): hasher.combine(value)
        case .string(let value), .reference(let value): hasher.combine(value)
        case .ints(let values): hasher.combine(values)
        case .floats(let values): hasher.combine(values)
        case .strings(let values): hasher.combine(values)
        case .opaque(let bytes): hasher.combine(bytes)
        case .tensor(let tensor): tensor.combine(into: &hasher, contents: contents)
        case .tensors(let tensors):
            for tensor in tensors { tensor.combine(into: &hasher, contents: contents) }
        case .graph(let graph): hasher.combine(graph.order.count)
        case .graphs(let graphs): hasher.combine(graphs.map(\.order.count))
        }
    }
}
