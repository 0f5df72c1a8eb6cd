import GraphIR

extension Tensor {
    /// A tensor made of chunks of this one: chunk `chunks[i]` covers `chunk` elements from
    /// `chunks[i] * chunk` on. Works for every element type, strings included.
    ///
    /// - Throws: `TensorError` if `shape` does not hold `chunks.count * chunk` elements.
    func gatheringChunks(_ chunks: [Int], chunk: Int, shape: [Int]) throws -> Tensor {
        if elementType == .string {
            return try Tensor(
                shape: shape, strings: chunks.flatMap { strings[($0 * chunk)..<(($0 + 1) * chunk)] })
        }
        let size = chunk * elementType.bitWidth / 8
        let gathered = bytes.withUnsafeBytes { source in
            ByteRegion(count: chunks.count * size) { target in
                guard let from = source.baseAddress, let to = target.baseAddress, size > 0 else { return }
                for (position, index) in chunks.enumerated() {
                    (to + position * size).copyMemory(from: from + index * size, byteCount: size)
                }
            }
        }
        return try Tensor(elementType, shape: shape, bytes: gathered)
    }
}

/// Row-major strides of a shape, in elements.
func strides(of shape: [Int]) -> [Int] {
    var result = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { result[axis] = result[axis + 1] * shape[axis + 1] }
    return result
}
