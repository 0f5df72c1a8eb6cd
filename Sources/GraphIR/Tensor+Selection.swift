extension Tensor {
    /// The entries `indices` along `axis`, in that order, for any element type of whole bytes.
    ///
    /// - Throws: `TensorError.invalidShape` if the axis or an entry does not exist, or for strings and packed
    ///   types of less than a byte.
    public func selecting(_ indices: [Int], axis: Int) throws(TensorError) -> Tensor {
        let width = elementType.bitWidth / 8
        guard shape.indices.contains(axis), width > 0, indices.allSatisfy({ $0 >= 0 && $0 < shape[axis] })
        else { throw TensorError.invalidShape(shape, elementType) }
        var selected = shape
        selected[axis] = indices.count
        guard let count = Shape.elementCount(of: selected), let size = elementType.byteCount(of: count)
        else { throw TensorError.invalidShape(selected, elementType) }
        let chunk = shape[(axis + 1)...].reduce(width, *)
        let rows = shape[..<axis].reduce(1, *)
        let extent = shape[axis]
        let region = bytes.withUnsafeBytes { source in
            ByteRegion(count: size) { target in
                guard let from = source.baseAddress, let to = target.baseAddress, chunk > 0 else { return }
                for row in 0..<rows {
                    for (position, index) in indices.enumerated() {
                        (to + (row * indices.count + position) * chunk).copyMemory(
                            from: from + (row * extent + index) * chunk, byteCount: chunk)
                    }
                }
            }
        }
        return try Tensor(elementType, shape: selected, bytes: region)
    }
}
