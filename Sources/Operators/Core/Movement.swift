import GraphIR

/// A tensor's elements in another shape: the one at `index` is the tensor's element at `offset + sum(index[i]
/// * strides[i])`.
public struct StridedView: Sendable, Equatable {
    /// The extents of the result.
    public var shape: [Int]
    /// The source elements from one index of an axis to the next; 0 repeats, negative numbers reverse.
    public var strides: [Int]
    /// The source element at the start of the result.
    public var offset: Int

    /// A view with the given shape.
    public init(shape: [Int], strides: [Int], offset: Int = 0) {
        self.shape = shape
        self.strides = strides
        self.offset = offset
    }
}

/// Row-major strides of a shape, in elements.
public func rowMajorStrides(of shape: [Int]) -> [Int] {
    var result = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { result[axis] = result[axis + 1] * shape[axis + 1] }
    return result
}

/// Calls `body` with the offset of each row (the elements along the last axis) of a strided view, in
/// row-major order. A scalar has one row; an empty shape none.
func forEachRow(shape: [Int], strides: [Int], offset: Int = 0, _ body: (Int) -> Void) {
    guard !shape.contains(0) else { return }
    let outer = shape.dropLast()
    var index = [Int](repeating: 0, count: outer.count)
    var position = offset
    var axis = 0
    while axis >= 0 {
        body(position)
        axis = outer.count - 1
        while axis >= 0 {
            index[axis] += 1
            position += strides[axis]
            if index[axis] < shape[axis] { break }
            position -= strides[axis] * shape[axis]
            index[axis] = 0
            axis -= 1
        }
    }
}

extension Tensor {
    /// A tensor made of chunks of this one: chunk `chunks[i]` covers the `chunk` elements from `chunks[i] *
    /// chunk` on. Works for every element type of whole bytes, and for strings.
    ///
    /// - Throws: `TensorError` if `shape` does not have `chunks.count * chunk` elements.
    func gatheringChunks(
        _ context: OperatorContext, _ chunks: [Int], chunk: Int, shape: [Int]
    ) throws -> Tensor {
        var result = try TensorAssembler(context, elementType, shape: shape)
        if result.isEmpty { return try result.finish() }
        for (position, index) in chunks.enumerated() {
            result.copy(self, from: index * chunk, count: chunk, to: position * chunk)
        }
        return try result.finish()
    }

    /// The elements at `offset + sum(index[i] * strides[i])` for each index of `shape`. The caller has
    /// checked that they lie within the tensor. O(elements).
    func strided(
        _ context: OperatorContext, shape: [Int], strides: [Int], offset: Int = 0
    ) throws -> Tensor {
        var result = try TensorAssembler(context, elementType, shape: shape)
        if result.isEmpty { return try result.finish() }
        // Trailing axes that are contiguous in the tensor are copied as one run.
        var run = 1
        var axes = shape.count
        while axes > 0, strides[axes - 1] == run || shape[axes - 1] == 1 {
            run *= shape[axes - 1]
            axes -= 1
        }
        let columns = axes > 0 ? shape[axes - 1] : 1
        let step = axes > 0 ? strides[axes - 1] : 0
        var target = 0
        forEachRow(shape: Array(shape[..<axes]), strides: strides, offset: offset) { start in
            for column in 0..<columns {
                result.copy(self, from: start + column * step, count: run, to: target)
                target += run
            }
        }
        return try result.finish()
    }
}

/// Builds a tensor from runs of elements of other tensors, for any element type.
struct TensorAssembler {
    private let elementType: ElementType
    private let shape: [Int]
    private let size: Int
    private var bytes: [UInt8] = []
    private var strings: [[UInt8]] = []

    /// Starts with all elements zero (or empty strings).
    ///
    /// - Throws: `OperatorError` if the result is too large, or its elements do not fill whole bytes.
    init(_ context: OperatorContext, _ elementType: ElementType, shape: [Int]) throws(OperatorError) {
        let count = try context.checkedCount(shape)
        self.elementType = elementType
        self.shape = shape
        size = elementType.bitWidth / 8
        if elementType == .string {
            strings = [[UInt8]](repeating: [], count: count)
        } else {
            guard size > 0 else {
                throw context.error(.elementType, "does not take \(elementType.onnxName) elements")
            }
            bytes = [UInt8](repeating: 0, count: count * size)
        }
    }

    var isEmpty: Bool { bytes.isEmpty && strings.isEmpty }

    /// Copies `count` elements of `source`, which has the same element type, to `target`.
    mutating func copy(_ source: Tensor, from: Int, count: Int, to target: Int) {
        guard count > 0 else { return }
        if elementType == .string {
            for element in 0..<count { strings[target + element] = source.strings[from + element] }
            return
        }
        let origin = (from * size)..<((from + count) * size)
        let range = (target * size)..<((target + count) * size)
        source.bytes.withUnsafeBytes { old in
            bytes.withUnsafeMutableBytes { new in
                UnsafeMutableRawBufferPointer(rebasing: new[range])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: old[origin]))
            }
        }
    }

    func finish() throws -> Tensor {
        if elementType == .string { return try Tensor(shape: shape, strings: strings) }
        return try Tensor(elementType, shape: shape, bytes: ByteRegion(bytes))
    }
}
