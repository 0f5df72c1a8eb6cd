import GraphIR

/// ONNX's multidirectional broadcasting: shapes are aligned at their last axis; extents of 1 repeat.
struct Broadcast {
    /// The common shape.
    let shape: [Int]

    /// - Throws: `OperatorError.shape` if the shapes do not fit together or the result is too large.
    init(_ context: OperatorContext, _ shapes: [[Int]]) throws(OperatorError) {
        guard let extents = try context.broadcast(shapes.map { Shape($0) }).extents else {
            throw context.error(.shape, "the shapes are not known")
        }
        try context.checkedCount(extents)
        shape = extents
    }

    /// The elements of a tensor of the given shape, repeated to the common shape. O(elements).
    func spread<Element>(_ elements: [Element], of source: [Int]) -> [Element] {
        guard source != shape else { return elements }
        var result: [Element] = []
        result.reserveCapacity(Shape.elementCount(of: shape) ?? 0)
        let strides = strides(for: source)
        let columns = shape.last ?? 1
        let step = strides.last ?? 0
        forEachRow(shape: shape, strides: strides) { start in
            for column in 0..<columns { result.append(elements[start + column * step]) }
        }
        return result
    }

    /// The strides of a tensor of shape `source` under the common shape: 0 along repeated axes.
    func strides(for source: [Int]) -> [Int] {
        let own = rowMajorStrides(of: source)
        var result = [Int](repeating: 0, count: shape.count)
        let lead = shape.count - source.count
        for axis in source.indices where source[axis] != 1 { result[lead + axis] = own[axis] }
        return result
    }
}

extension OperatorContext {
    /// The common shape of several shapes; a number beats a symbol, which must then be 1 or the same.
    ///
    /// - Throws: `OperatorError.shape` if they do not fit together.
    func broadcast(_ shapes: [Shape]) throws(OperatorError) -> Shape {
        let rank = shapes.map(\.rank).max() ?? 0
        var dims = [Dim](repeating: .fixed(1), count: rank)
        for shape in shapes {
            let lead = rank - shape.rank
            for axis in 0..<shape.rank {
                guard let dim = dims[lead + axis].broadcast(with: shape[axis]) else {
                    let list = shapes.map(\.description).joined(separator: " and ")
                    throw error(.shape, "shapes \(list) cannot be broadcast together")
                }
                dims[lead + axis] = dim
            }
        }
        return Shape(dims)
    }

    /// The broadcast shape of all inputs; nil if one is unknown.
    func broadcastInputs() throws(OperatorError) -> Shape? {
        var shapes: [Shape] = []
        for position in 0..<inputCount {
            guard let shape = shape(position) else { return nil }
            shapes.append(shape)
        }
        return try broadcast(shapes)
    }
}
