import GraphIR
import Operators

extension Graph {
    /// The batch (first extent) that all inputs share, if it is a number.
    public var fixedBatch: Int? {
        let batches = Set(requiredInputs.map { self[$0].shape?.dims.first?.value })
        return batches.count == 1 ? batches.first ?? nil : nil
    }

    /// The graph with a symbolic batch: as it is if it has one, else a copy in which a batch of 1 is freed.
    ///
    /// - Returns: nil if the graph does not allow that: an inner Reshape says 1, an output has no batch, or the
    ///   batch is larger.
    public func freeingBatch() -> Graph? {
        let given = requiredInputs.map { self[$0] }
        guard !given.isEmpty else { return nil }
        if given.allSatisfy({ $0.shape?.dims.first.map { $0.value == nil } ?? false }) { return self }
        guard fixedBatch == 1 else { return nil }
        var edit = GraphEdit(self)
        for value in values {
            guard let type = value.tensorType, value.constant == nil else { continue }
            if given.contains(where: { $0.id == value.id }), var shape = type.shape {
                shape[0] = .symbol("batch")
                edit.setType(value.id, .tensor(TensorType(type.elementType, shape)))
            } else {
                edit.setType(value.id, nil)
            }
        }
        guard let freed = try? ShapeInference.infer(edit.commit()),
            freed.outputs.allSatisfy({ freed[$0].shape?.dims.first == .symbol("batch") })
        else { return nil }
        return freed
    }
}
