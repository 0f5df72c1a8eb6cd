import GraphIR

extension Tensor {
    /// The tensor with `transform` applied to each element; the arithmetic is in double precision and
    /// rounded once to the element type.
    ///
    /// - Throws: `OperatorError.elementType` if the elements are not float16, float or double.
    func mapFloatingPoint(_ context: OperatorContext, _ transform: (Double) -> Double) throws -> Tensor {
        switch elementType {
        case .float32: try map(of: Float.self) { Float(transform(Double($0))) }
        case .float64: try map(of: Double.self, transform)
        case .float16: try map(of: Float16.self) { Float16(transform(Double($0))) }
        default: throw context.error(.elementType, "does not take \(elementType.onnxName) elements")
        }
    }

    /// The tensor with `transform` applied to each element of type `Element`.
    func map<Element: TensorElement, Result: TensorElement>(
        of _: Element.Type, _ transform: (Element) throws -> Result
    ) throws -> Tensor {
        try withElements(of: Element.self) { elements in
            try Tensor(shape: shape, of: Result.self) { output in
                for index in output.indices { output[index] = try transform(elements[index]) }
            }
        }
    }
}
