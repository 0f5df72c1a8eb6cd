import GraphIR

/// Compares tensors as ONNX's own test runner does.
public enum TensorComparison {
    /// The difference of `actual` from `expected`: element type, shape, or the worst element.
    ///
    /// Floating-point elements agree if |actual - expected| <= absolute + relative * |expected|, or if both
    /// are NaN, or the same infinity; all others must be equal.
    ///
    /// - Returns: nil if they agree.
    public static func difference(
        _ actual: Tensor, _ expected: Tensor, relative: Double = 1e-3, absolute: Double = 1e-7
    ) -> String? {
        guard actual.elementType == expected.elementType, actual.shape == expected.shape else {
            return "is \(actual.type), expected \(expected.type)"
        }
        if let x = reals(actual), let y = reals(expected) {
            var worst: (excess: Double, index: Int)?
            for index in x.indices {
                if x[index] == y[index] || (x[index].isNaN && y[index].isNaN) { continue }
                let error = abs(x[index] - y[index])
                let excess = error - (absolute + relative * abs(y[index]))
                guard !(excess <= 0) else { continue }
                if excess.isNaN || excess > worst?.excess ?? 0 { worst = (excess, index) }
            }
            return worst.map { "element \($0.index) is \(x[$0.index]), expected \(y[$0.index])" }
        }
        if let x = actual.integers, let y = expected.integers {
            let index = zip(x, y).enumerated().first { $0.element.0 != $0.element.1 }?.offset
            return index.map { "element \($0) is \(x[$0]), expected \(y[$0])" }
        }
        return actual == expected ? nil : "the elements differ"
    }

    private static func reals(_ tensor: Tensor) -> [Double]? {
        switch tensor.elementType {
        case .float64: return try? tensor.elements(of: Double.self)
        case .bfloat16:
            let halves = try? Tensor(.uint16, shape: tensor.shape, bytes: tensor.bytes).elements(
                of: UInt16.self)
            return halves?.map { Double(Float(bitPattern: UInt32($0) << 16)) }
        default: return tensor.floats?.map(Double.init)
        }
    }
}
