import GraphIR

/// `Sum`: the sum of any number of inputs, elementwise with broadcasting (ONNX Sum-6, 8, 13).
public struct Sum: ElementwiseVariadic {
    public let name = "Sum"
    public let versions = [6, 8, 13]

    public func combine(_ a: Double, _ b: Double) -> Double { a + b }
    public var integerCombine: ((Int, Int) -> Int)? { { $0 &+ $1 } }
}
