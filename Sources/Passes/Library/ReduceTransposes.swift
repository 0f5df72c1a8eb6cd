import GraphIR

/// Moves Transposes to where they cancel, if that leaves fewer nodes.
///
///     before: x -> NHWC -> Pad -> NCHW -> Conv -> NHWC -> Relu -> NCHW -> y      (Transposes to that order)
///     after:  x -> Pad -> Conv -> Relu -> y
///
/// `SinkTranspose`, `RaiseTranspose` and `CancelTranspose` run to their fixed point. They bring a whole
/// network to channels-first order. Where only some nodes are channels-last, they may leave more Transposes
/// than before.
///
/// Conditions:
/// 1. Those of the three passes.
/// 2. The graph has fewer nodes afterwards.
public struct ReduceTransposes: Pass {
    public let name = "reduce-transposes"
    public let summary = "Transposes move to where they cancel, if fewer nodes are left."

    /// The pass; it has no settings.
    public init() {}

    public func run(_ graph: Graph) throws -> Graph? {
        guard graph.nodes.contains(where: { $0.isOperator("Transpose") }) else { return nil }
        let moved = try Pipeline([SinkTranspose(), RaiseTranspose(), CancelTranspose(), EliminateDeadCode()])
            .run(graph)
        return moved.order.count < graph.order.count ? moved : nil
    }
}
