import GraphIR

/// Replaces a matrix product and the addition of a bias by Gemm.
///
///     before: a, b -> MatMul -> m -> Add(c) -> y
///     after:  a, b, c -> Gemm -> y
///
/// Conditions:
/// 1. a is [M, K] and b [K, N], floating-point numbers. They are not both dequantised: runtimes multiply such
///    matrices as integers, and a float bias would prevent that.
/// 2. Only the Add reads m: no other node, no subgraph, no graph output.
/// 3. c broadcasts to [M, N] and not beyond: each of its extents is 1 or known to equal that of m.
/// 4. The opset is 7 or later, in which Gemm broadcasts its bias.
public struct MatMulAddToGemm: LocalPass {
    public let name = "matmul-add-to-gemm"
    public let summary = "MatMul of two matrices and Add of a bias become Gemm."

    /// The pass; it has no settings.
    public init() {}

    public func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
        guard let match = match(node, in: edit.graph) else { return }
        edit.setOperator(node.id, "Gemm")
        for (position, input) in [match.a, match.b, match.bias].enumerated() {
            edit.setInput(node.id, position, input)
        }
        try edit.removeNode(match.product)
    }

    private func match(_ node: Node, in graph: Graph)
        -> (product: NodeID, a: ValueID, b: ValueID, bias: ValueID)?
    {
        guard node.isOperator("Add"), graph.opsets.onnx >= 7, node.inputs.count == 2 else { return nil }
        for (position, other) in [(0, 1), (1, 0)] {
            guard let inner = node.input(position), let bias = node.input(other),
                let product = graph.producer(of: inner), product.isOperator("MatMul"),
                graph.soleConsumer(of: inner)?.id == node.id, let a = product.input(0),
                let b = product.input(1), graph[a].shape?.rank == 2, graph[b].shape?.rank == 2,
                let type = graph[inner].tensorType, type.elementType.isFloatingPoint,
                ![a, b].allSatisfy({ graph.producer(of: $0)?.isQuantization == true }),
                let shape = type.shape, let biasShape = graph[bias].shape, biasShape.rank <= 2,
                zip(biasShape.dims.reversed(), shape.dims.reversed()).allSatisfy({
                    $0 == 1 || $0.isKnownEqual(to: $1)
                })
            else { continue }
            return (product.id, a, b, bias)
        }
        return nil
    }
}
