import GraphIR

/// `BitwiseXor`: C = A ^ B, elementwise on integers with broadcasting (ONNX BitwiseXor-18).
public struct BitwiseXor: BitwiseBinary {
    public let name = "BitwiseXor"
    public let versions = [18]

    public func function(_ context: OperatorContext, _ type: ElementType) -> (Int, Int) -> Int { { $0 ^ $1 } }
}
