import GraphIR
import Operators

/// Gives the first extent of every input another number, or a symbol, and every value the shape that follows.
///
///     before: x [1,3,H,W] -> Conv -> [1,64,H,W] -> ... [1,2048,1,1] -> Reshape [1,2048] -> y [1,10]
///     after:  x [N,3,H,W] -> Conv -> [N,64,H,W] -> ... [N,2048,1,1] -> Reshape [0,2048] -> y [N,10]     --batch N
///
/// Conditions:
/// 1. Every input without a default has a first extent, and all have the same one.
/// 2. A Reshape whose input and target both begin with the old number means the batch, and copies it instead.
/// 3. No other node fixes the batch: every output that began with the old extent begins with the new one.
public struct SetBatch: Pass {
    public let name = "set-batch"
    public let summary = "Inputs get the batch that --batch gives."

    let batch: BatchExtent?

    /// The pass that gives inputs this batch; nil changes nothing.
    public init(_ batch: BatchExtent?) { self.batch = batch }

    /// - Throws: `BatchError` if a condition fails.
    public func run(_ graph: Graph) throws -> Graph? {
        guard let batch, let old = try current(graph, batch), old != batch.dim else { return nil }
        // The extents of a Reshape may be a node's output, or an input with a default.
        var graph = graph
        for pass in [UnlistInitializers(), ConstantsToInitializers()] as [any Pass] {
            graph = try pass.run(graph) ?? graph
        }
        graph = try ShapeInference.infer(graph)
        var edit = GraphEdit(graph)
        try freeReshapes(of: graph, from: old, in: &edit)
        edit.setBatch(batch.dim)
        let inferred: Graph
        do {
            inferred = try ShapeInference.infer(try edit.commit())
        } catch let error as any DiagnosableError {
            throw BatchError(
                batch: batch, problem: "the network takes only \(Shape([old])): \(error.diagnostic.problem)",
                remedy: "export it with the batch that you want")
        }
        for (output, was) in zip(inferred.outputs, graph.outputs)
        where graph[was].shape?.dims.first == old && inferred[output].shape?.dims.first != batch.dim {
            throw BatchError(
                batch: batch,
                problem: "a node in front of output \"\(graph[was].name)\" fixes \(Shape([old]))",
                remedy: "export the network with the batch that you want")
        }
        return inferred
    }

    /// The first extent of the inputs.
    private func current(_ graph: Graph, _ batch: BatchExtent) throws -> Dim? {
        let firsts = graph.requiredInputs.map { graph[$0].shape?.dims.first }
        guard let first = firsts.first, let old = first, firsts.allSatisfy({ $0 == old }) else {
            throw BatchError(
                batch: batch, problem: "the model's inputs do not share one first extent",
                remedy: "give each its shape with --input-shape")
        }
        return old
    }

    private func freeReshapes(of graph: Graph, from old: Dim, in edit: inout GraphEdit) throws {
        guard let count = old.value else { return }
        for node in graph.nodes where node.isOperator("Reshape") {
            guard let input = node.input(0), graph[input].shape?.dims.first == old,
                let target = graph.constant(node.input(1))?.integers, target.first == count,
                (node.attributes["allowzero"] ?? .int(0)) == .int(0) || !target.contains(0)
            else { continue }
            edit.setAttribute(node.id, "allowzero", nil)
            let extents = [0] + target.dropFirst().map(Int64.init)
            let name = edit.uniqueName("\(graph.label(of: node))/extents")
            edit.setInput(node.id, 1, try edit.addInitializer(name, Tensor(extents)))
        }
    }
}
