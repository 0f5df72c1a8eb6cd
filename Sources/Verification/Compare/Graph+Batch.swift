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
        let gathers = blocks.compactMap { FlatGather($0, in: self) }
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
        let given = Set(requiredInputs)
        for value in values where value.initializer == nil {
            guard let type = value.tensorType else { continue }
            // A run holds its inputs to what the file declares of them.
            edit.setDeclaredType(value.id, nil)
            guard given.contains(value.id), var shape = type.shape else {
                edit.setType(value.id, nil)
                continue
            }
            shape[0] = .symbol("batch")
            edit.setType(value.id, .tensor(TensorType(type.elementType, shape)))
            edit.setDeclaredType(value.id, nil)
        }
        return try? edit.commit()
    }

    /// Like `openingBatch`, with the gathers of MoD blocks rewritten for a batch of that size.
    ///
    /// - Returns: nil if the inputs share no batch.
    func rebatched(to batch: Int, _ gathers: [FlatGather]) throws -> Graph? {
        guard let opened = openingBatch() else { return nil }
        var edit = GraphEdit(opened)
        for gather in gathers { try gather.rewrite(for: batch, in: &edit) }
        return try edit.commit()
    }
}

/// The gather of a MoD block before opset 12, which has the batch N in its constants.
///
///     X ──────── Reshape [N * C, H, W] ────────────────────┐
///     indices ── Reshape [N, k] ── Add(offsets [N, 1]) ─┬─ Gather ── X^
///     scores ─── Reshape [N * C] ───────────────────────┴─ Gather ── Reshape [N, k, 1, 1] ── gate
struct FlatGather {
    /// The nodes whose second input starts with the batch or a multiple of it, and those extents.
    private let reshapes: [(node: NodeID, extents: [Int])]
    /// The node that adds the offsets, and their position among its inputs.
    private let addition: (node: NodeID, position: Int)
    /// C
    private let channels: Int

    /// - Returns: nil if the block gathers in another way.
    init?(_ block: MoDBlock, in graph: Graph) {
        func producer(_ type: String, of value: ValueID?) -> Node? {
            value.flatMap { graph.producer(of: $0) }.flatMap { $0.isOperator(type) ? $0 : nil }
        }
        func value(_ name: String?) -> ValueID? { name.flatMap { graph.value(named: $0)?.id } }
        guard let gather = producer("Gather", of: value(block.values.gathered)),
            let planes = producer("Reshape", of: gather.input(0)),
            planes.input(0) == value(block.values.input),
            let addition = producer("Add", of: gather.input(1)),
            let position = addition.inputs.firstIndex(where: { graph.constant($0) != nil }),
            let indices = producer("Reshape", of: addition.input(1 - min(position, 1))),
            let gate = producer("Reshape", of: value(block.values.choices.first?.gates)),
            let picked = producer("Gather", of: gate.input(0)),
            let scores = producer("Reshape", of: picked.input(0)),
            (1...OperatorContext.maximumElements).contains(block.form.channels)
        else { return nil }
        var reshapes: [(NodeID, [Int])] = []
        for node in [planes, indices, scores, gate] {
            guard let extents = graph.constant(node.input(1))?.integers, !extents.isEmpty else { return nil }
            reshapes.append((node.id, extents))
        }
        self.reshapes = reshapes
        self.addition = (addition.id, position)
        channels = block.form.channels
    }

    fileprivate func rewrite(for batch: Int, in edit: inout GraphEdit) throws {
        for (node, extents) in reshapes {
            let target = Tensor([-1] + extents.dropFirst().map(Int64.init))
            edit.setInput(node, 1, try edit.addInitializer(edit.uniqueName("batch/extents"), target))
        }
        let offsets = try Tensor(shape: [batch, 1], (0..<batch).map { Int64($0 * channels) })
        edit.setInput(
            addition.node, addition.position,
            try edit.addInitializer(edit.uniqueName("batch/offsets"), offsets))
    }
}
