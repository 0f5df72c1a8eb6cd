import GraphIR

/// `ReduceProd`: the product along some axes (ONNX ReduceProd-1, 11, 13, 18).
public struct ReduceProd: Reduction {
    public let name = "ReduceProd"
    public let versions = [1, 11, 13, 18]
    public let identity = 1.0

    public func combine(_ accumulated: Double, _ element: Double) -> Double { accumulated * element }

    public var integerFold: (identity: Int, combine: (Int, Int) -> Int)? { (1, { $0 &* $1 }) }

    public func inferExtents(_ context: OperatorContext) -> [Dim]? {
        context.extents(input: 0).map { [Dim.product($0)] }
    }
}
