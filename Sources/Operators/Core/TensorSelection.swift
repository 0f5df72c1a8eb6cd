import GraphIR

extension Tensor {
    /// The entries `indices` along `axis`, in that order. Any element type.
    ///
    /// - Throws: `TensorError.invalidShape` if there is no such axis or entry.
    public func selecting(_ indices: [Int], axis: Int) throws -> Tensor {
        guard shape.indices.contains(axis), indices.allSatisfy(shape[axis].isIndex) else {
            throw TensorError.invalidShape(shape, elementType)
        }
        let outer = shape[..<axis].reduce(1, *)
        let inner = shape[(axis + 1)...].reduce(1, *)
        let chunks = (0..<outer).flatMap { row in indices.map { row * shape[axis] + $0 } }
        var selected = shape
        selected[axis] = indices.count
        return try gatheringChunks(chunks, chunk: inner, shape: selected)
    }
}

extension Int {
    fileprivate func isIndex(_ index: Int) -> Bool { index >= 0 && index < self }
}
