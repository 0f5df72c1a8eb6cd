import GraphIR

extension Tensor {
    /// The entries `indices` along `axis`, in that order. Any element type of whole bytes.
    ///
    /// - Throws: `TensorError.invalidShape` if there is no such axis or entry.
    public func selecting(_ indices: [Int], axis: Int) throws -> Tensor {
        guard shape.indices.contains(axis), indices.allSatisfy(shape[axis].isIndex),
            elementType.bitWidth >= 8
        else { throw TensorError.invalidShape(shape, elementType) }
        var selected = shape
        selected[axis] = indices.count
        let outer = shape[..<axis].reduce(1, *)
        let size = shape[(axis + 1)...].reduce(1, *) * elementType.bitWidth / 8
        let gathered = bytes.withUnsafeBytes { source in
            ByteRegion(count: outer * indices.count * size) { target in
                guard let from = source.baseAddress, var to = target.baseAddress else { return }
                for row in 0..<outer {
                    for index in indices {
                        to.copyMemory(from: from + (row * shape[axis] + index) * size, byteCount: size)
                        to += size
                    }
                }
            }
        }
        return try Tensor(elementType, shape: selected, bytes: gathered)
    }
}

extension Int {
    fileprivate func isIndex(_ index: Int) -> Bool { index >= 0 && index < self }
}
