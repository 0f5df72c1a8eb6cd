import GraphIR

/// NumPy's `.npy` format: one array.
enum NumPyFile {
    /// The array in `bytes`; little-endian arrays in C order are references into them.
    ///
    /// - Throws: `TensorFileError`.
    static func parse(_ bytes: ByteRegion) throws -> Tensor {
        let header = try bytes.withUnsafeBytes { bytes throws(TensorFileError) in try NumPyHeader(bytes) }
        let found = bytes.count - header.dataOffset
        guard found == header.dataCount,
            let data = bytes.slice(offset: header.dataOffset, count: header.dataCount)
        else {
            throw TensorFileError(
                .malformed,
                "its shape \(header.shape) asks for \(header.dataCount) bytes of data, it has \(found)")
        }
        return try tensor(header, data)
    }

    /// The array that a header and the data after it describe.
    static func tensor(_ header: NumPyHeader, _ data: ByteRegion) throws -> Tensor {
        let width = header.elementType.bitWidth / 8
        let isComplex = header.elementType == .complex64 || header.elementType == .complex128
        let swapped = header.isBigEndian ? data.swappingBytes(width: isComplex ? width / 2 : width) : data
        let ordered =
            header.isFortranOrder && header.shape.count > 1
            ? swapped.inRowMajorOrder(shape: header.shape, width: width) : swapped
        return try Tensor(header.elementType, shape: header.shape, bytes: ordered)
    }

    /// The parts of the file: the header, and the tensor's own bytes.
    ///
    /// - Throws: `TensorFileError.unsupported` for element types that NumPy lacks.
    static func parts(_ tensor: Tensor) throws(TensorFileError) -> [ByteRegion] {
        [ByteRegion(try NumPyHeader.bytes(for: tensor.type, shape: tensor.shape)), tensor.bytes]
    }
}

extension ByteRegion {
    /// The bytes with those of every `width`-byte number reversed.
    fileprivate func swappingBytes(width: Int) -> ByteRegion {
        ByteRegion(count: count) { target in
            withUnsafeBytes { source in
                for start in stride(from: 0, to: count, by: width) {
                    for byte in 0..<width { target[start + byte] = source[start + width - 1 - byte] }
                }
            }
        }
    }

    /// Elements in first-axis-fastest order, rearranged to last-axis-fastest. `shape` must match them.
    fileprivate func inRowMajorOrder(shape: [Int], width: Int) -> ByteRegion {
        var strides = [Int](repeating: width, count: shape.count)
        for axis in shape.indices.dropFirst() { strides[axis] = strides[axis - 1] * shape[axis - 1] }
        return ByteRegion(count: count) { target in
            withUnsafeBytes { source in
                var index = [Int](repeating: 0, count: shape.count)
                var from = 0
                for to in stride(from: 0, to: count, by: width) {
                    for byte in 0..<width { target[to + byte] = source[from + byte] }
                    for axis in shape.indices.reversed() {
                        index[axis] += 1
                        from += strides[axis]
                        if index[axis] < shape[axis] { break }
                        from -= strides[axis] * shape[axis]
                        index[axis] = 0
                    }
                }
            }
        }
    }
}
