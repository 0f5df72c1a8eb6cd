import GraphIR
import MixtureOfDepths
import Operators

extension Graph {
    /// The batch (first extent) that all inputs share, if it is a number.
    public var fixedBatch: Int? {
        let batches = Set(requiredInputs.map { self[$0].shape?.dims.first?.value })
        return batches.count == 1 ? batches.first ?? nil : nil
    }

    /// Whether the first extent of every input is open.
    var hasOpenBatch: Bool {
        let inputs = requiredInputs
        return !inputs.isEmpty
            && inputs.allSatisfy { self[$0].shape?.dims.first.map { $0.value == nil } ?? false }
    }

    /// The graph as it runs a batch of that size: as it is if its batch is open, else a copy in which a batch of 1
    /// is freed, and the gathers of MoD blocks that say the batch in constants are rewritten for that size.
    ///
    /// - Parameters:
    ///   - batch: the samples of a run.
    ///   - blocks: the graph's MoD blocks.
    /// - Returns: nil if the graph does not allow that: an inner Reshape says 1, an output has no batch, or the
    ///   batch is larger.
    public func taking(batch: Int, blocks: [MoDBlock]) -> Graph? {
        if hasOpenBatch { return self }
        guard fixedBatch == 1 else { return nil }
        let gathers = BatchBoundGather.all(in: blocks, of: self)
        // A value computed from the constants of the gathers has the number of samples as its extent.
        let extents: [Dim] = gathers.isEmpty ? [.symbol("batch")] : [.symbol("batch"), .fixed(batch)]
        guard let copy = try? rebatched(to: batch, gathers), let typed = try? ShapeInference.infer(copy),
            typed.outputs.allSatisfy({ typed[$0].shape?.dims.first.map(extents.contains) ?? false })
        else { return nil }
        return typed
    }

    /// A copy whose inputs accept any batch. Its inner shapes are unknown, and nodes with the batch in their
    /// constants keep it.
    ///
    /// - Returns: the graph itself if its batch is open; nil if its inputs share no batch.
    func openingBatch() -> Graph? {
        if hasOpenBatch { return self }
        guard fixedBatch != nil else { return nil }
        var edit = GraphEdit(self)
        edit.setBatch(.symbol("batch"))
        return try? edit.commit()
    }

    /// Like `openingBatch`, with the gathers of MoD blocks rewritten for a batch of that size.
    ///
    /// - Returns: nil if the inputs share no batch.
    func rebatched(to batch: Int, _ gathers: [BatchBoundGather]) throws -> Graph? {
        guard let opened = openingBatch() else { return nil }
        var edit = GraphEdit(opened)
        for gather in gathers { try gather.rewrite(for: batch, in: &edit, self) }
        return try edit.commit()
    }
}
