import GraphIR

extension Tensor {
    /// A tensor of `values`, each rounded once to `type`; nil if `type` is not float16, float or double, or
    /// the number of values does not match `shape`.
    init?(rounding values: [Double], to type: ElementType, shape: [Int]) {
        let tensor: Tensor? =
            switch type {
            case .float32: try? Tensor(shape: shape, values.map(Float.init))
            case .float64: try? Tensor(shape: shape, values)
            case .float16: try? Tensor(shape: shape, values.map { Float16($0) })
            default: nil
            }
        guard let tensor else { return nil }
        self = tensor
    }

    /// The tensor with each block of `size` adjacent elements multiplied by `factor(block)`, in double
    /// precision and rounded once; nil if the elements are not float16, float or double.
    func scalingBlocks(of size: Int, by factor: (Int) -> Double) -> Tensor? {
        func scaled<Element: TensorElement & BinaryFloatingPoint>(_: Element.Type) -> Tensor? {
            try? withElements(of: Element.self) { source in
                try Tensor(shape: shape, of: Element.self) { target in
                    for block in 0..<(source.count / max(1, size)) {
                        let factor = factor(block)
                        for index in (block * size)..<((block + 1) * size) {
                            target[index] = Element(Double(source[index]) * factor)
                        }
                    }
                }
            }
        }
        switch elementType {
        case .float32: return scaled(Float.self)
        case .float64: return scaled(Double.self)
        case .float16: return scaled(Float16.self)
        default: return nil
        }
    }

    /// The elements as one number for each of `channels`, if the tensor broadcasts over one of `rank` and
    /// varies along axis 1 only; nil otherwise, and for types other than float16, float and double.
    func channelValues(_ channels: Int, rank: Int) -> [Double]? {
        guard self.rank <= rank, let values = doubles else { return nil }
        if values.count == 1 { return [Double](repeating: values[0], count: channels) }
        let axis = self.rank - (rank - 1)
        guard values.count == channels, shape.indices.contains(axis), shape[axis] == channels else {
            return nil
        }
        return values
    }
}
