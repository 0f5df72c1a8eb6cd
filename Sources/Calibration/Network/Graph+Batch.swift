import GraphIR
import Operators

extension Graph {
    /// The graph for inputs of that batch, with all shapes that follow from it. O(nodes + edges).
    ///
    /// - Returns: nil if a node does not take that batch, as a Reshape to [1, C] takes no other than 1.
    func inferred(forBatch batch: Int) -> Graph? {
        var edit = GraphEdit(self)
        edit.setBatch(.fixed(batch))
        return try? ShapeInference.infer(try edit.commit())
    }

    /// The only batch that the graph takes: the one that its first input says, or 1 if the input leaves it open and a
    /// node does not, as a Reshape to [1, C] or to [1, -1]; nil if it takes any. O(nodes + edges).
    var onlyBatch: Int? {
        if let fixed = requiredInputs.first.flatMap({ self[$0].shape?.dims.first?.value }) { return fixed }
        guard let probed = inferred(forBatch: Graph.probedBatch) else { return 1 }
        return probed.outputs.contains { probed[$0].shape?.dims.first?.value == 1 } ? 1 : nil
    }

    /// A batch that no network is made for.
    static let probedBatch = 3
}
