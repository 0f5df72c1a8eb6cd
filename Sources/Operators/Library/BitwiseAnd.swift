import GraphIR

/// `BitwiseAnd`: C = A & B, elementwise on integers with broadcasting (ONNX BitwiseAnd-18).
public struct BitwiseAnd: BitwiseBinary {
    public let name = "BitwiseAnd"
    public let versions = [18]

    public func function(_ context: OperatorContext, _ type: ElementType) -> (Int, Int) -> Int { { $0 & $1 } }
}
