import GraphIR

/// Turns nodes that only produce a constant into initialisers.
///
///     before: Constant(value) -> w -> Conv          ConstantOfShape([64, 3, 7, 7]) -> w -> Conv
///     after:         initialiser w -> Conv                            initialiser w -> Conv
///
/// Conditions:
/// 1. The node is a Constant, or a ConstantOfShape of a constant shape.
/// 2. Its output is not a graph output, and has a type and size that `ConstantFolding` accepts.
public struct ConstantsToInitializers: Pass {
    public let name = "constants-to-initializers"
    public let summary = "Constant nodes, and ConstantOfShape of a constant shape, become initialisers."

    private let growthLimit: Int

    /// - Parameter growthLimit: bytes by which one ConstantOfShape may make the model grow; nil for as many
    ///   as one ONNX file can hold. Constant nodes hold their bytes already.
    public init(growthLimit: Int? = nil) { self.growthLimit = growthLimit ?? ConstantFolding.byteLimit }

    public func run(_ graph: Graph) throws -> Graph? {
        try FoldConstants.fold(graph, pass: name, growthLimit: growthLimit) {
            $0.isOperator("Constant") || $0.isOperator("ConstantOfShape")
        }
    }
}
