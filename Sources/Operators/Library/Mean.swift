import GraphIR

/// `Mean`: the mean of any number of inputs, elementwise with broadcasting (ONNX Mean-6, 8, 13).
public struct Mean: ElementwiseVariadic {
    public let name = "Mean"
    public let versions = [6, 8, 13]

    public func combine(_ a: Double, _ b: Double) -> Double { a + b }

    public func finish(_ folded: Double, count: Int) -> Double { folded / Double(count) }
}
