import GraphIR

/// `BitwiseOr`: C = A | B, elementwise on integers with broadcasting (ONNX BitwiseOr-18).
public struct BitwiseOr: BitwiseBinary {
    public let name = "BitwiseOr"
    public let versions = [18]

    public func function(_ context: OperatorContext, _ type: ElementType) -> (Int, Int) -> Int { { $0 | $1 } }
}
