import GraphIR

/// `Min`: the smallest of any number of inputs, elementwise with broadcasting (ONNX Min-6, 8, 12, 13).
///
/// NaN wherever an input is NaN.
public struct Min: ElementwiseVariadic {
    public let name = "Min"
    public let versions = [6, 8, 12, 13]

    public func combine(_ a: Double, _ b: Double) -> Double {
        a.isNaN || b.isNaN ? .nan : Swift.min(a, b)
    }

    public var integerCombine: ((Int, Int) -> Int)? { { Swift.min($0, $1) } }
}
