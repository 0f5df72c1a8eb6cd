import GraphIR

extension Tensor {
    /// The elements of a float16, float or double tensor in double precision; nil for other types.
    var doubles: [Double]? {
        switch elementType {
        case .float32: (try? elements(of: Float.self))?.map(Double.init)
        case .float64: try? elements(of: Double.self)
        case .float16: (try? elements(of: Float16.self))?.map(Double.init)
        default: nil
        }
    }

    /// A tensor of `values`, each rounded once to `type`; nil if that is not float16, float or double, or
    /// `shape` asks for another number of elements.
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

    /// The tensor with everything at index i of the first axis multiplied by `factors[i]`, in double
    /// precision and rounded once; nil unless there is one factor for each index and the elements are
    /// float16, float or double.
    func scalingFirstAxis(by factors: [Double]) -> Tensor? {
        guard shape.first == factors.count else { return nil }
        let inner = shape.dropFirst().reduce(1, *)
        func scaled<Element: TensorElement & BinaryFloatingPoint>(_: Element.Type) -> Tensor? {
            try? withElements(of: Element.self) { source in
                try Tensor(shape: shape, of: Element.self) { target in
                    for (row, factor) in factors.enumerated() {
                        for index in (row * inner)..<((row + 1) * inner) {
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
}
