extension Tensor {
    /// A tensor of floating-point numbers in another floating-point type, each number rounded to the nearest; the tensor
    /// itself if it already has that type. O(elements).
    ///
    /// - Throws: `TensorError.elementType` unless both types are float16, float32 or float64.
    public func casting(to type: ElementType) throws -> Tensor {
        if elementType == type { return self }
        guard let values = doubles else {
            throw TensorError.elementType(expected: .float32, found: elementType)
        }
        switch type {
        case .float16: return try Tensor(shape: shape, values.map(Float16.init))
        case .float32: return try Tensor(shape: shape, values.map(Float.init))
        case .float64: return try Tensor(shape: shape, values)
        default: throw TensorError.elementType(expected: .float32, found: type)
        }
    }
}
