import GraphIR

/// `Max`: the largest of any number of inputs, elementwise with broadcasting (ONNX Max-6, 8, 12, 13).
///
/// NaN wherever an input is NaN.
public struct Max: ElementwiseVariadic {
    public let name = "Max"
    public let versions = [6, 8, 12, 13]

    public func combine(_ a: Double, _ b: Double) -> Double {
        a.isNaN || b.isNaN ? .nan : Swift.max(a, b)
    }

    public var integerCombine: ((Int, Int) -> Int)? { { Swift.max($0, $1) } }
}
