import GraphIR
import MixtureOfDepths
import Operators

/// The gathers of one choice of a MoD block whose nodes say the batch, in either of two ways:
///
///     indices [1,k,1,1] ── Reshape [k] ─┬─ Gather(X, axis 1)                         a batch of 1
///                                       └─ Gather(scores or [1,C], axis 1)
///     indices [N,k,1,1] ── Reshape ── Add(offsets [N,1]) ─┬─ Gather(X as [N*C,H,W])   a fixed batch of N
///                                                         └─ Gather(scores as [N*C]) ── Reshape
struct BatchBoundGather {
    private enum Spelling {
        /// Gathers along axis 1, with what they gather from.
        case axis([Node])
        /// The node that adds the offsets, and their position among its inputs; reshapes around it, with their
        /// targets.
        case flat(addition: NodeID, position: Int, reshapes: [(node: NodeID, extents: [Int])])
    }

    private let spelling: Spelling
    /// The Reshape of the indices, and its result.
    private let reshape: NodeID
    private let places: ValueID
    private let k: Int
    /// C, the channels or units that are chosen from.
    private let channels: Int

    /// Those of all choices of the blocks.
    static func all(in blocks: [MoDBlock], of graph: Graph) -> [BatchBoundGather] {
        blocks.flatMap(\.choices).flatMap { choice -> [BatchBoundGather] in
            guard let indices = graph.value(named: choice.indices),
                let channels = graph.value(named: choice.scores)?.shape?.dims.dropFirst().first?.value,
                (1...OperatorContext.maximumElements).contains(channels)
            else { return [] }
            return graph.consumers(of: indices.id).filter { $0.isOperator("Reshape") }.compactMap {
                guard let spelling = spelling(of: $0, in: graph), let places = $0.output(0) else {
                    return nil
                }
                return BatchBoundGather(
                    spelling: spelling, reshape: $0.id, places: places, k: choice.count, channels: channels)
            }
        }
    }

    private static func spelling(of reshape: Node, in graph: Graph) -> Spelling? {
        guard let places = reshape.output(0) else { return nil }
        let readers = graph.consumers(of: places)
        let gathers = readers.filter { isGather($0, axis: 1, in: graph) && $0.input(1) == places }
        if !gathers.isEmpty, gathers.count == readers.count, graph[places].shape?.rank == 1 {
            return .axis(gathers)
        }
        for addition in readers where addition.isOperator("Add") {
            guard let position = addition.inputs.firstIndex(where: { graph.constant($0) != nil }),
                let flat = addition.output(0)
            else { continue }
            let gathers = graph.consumers(of: flat).filter { isGather($0, axis: 0, in: graph) }
            let sources = gathers.compactMap { $0.input(0).flatMap { graph.producer(of: $0) } }
            let results = gathers.flatMap { $0.output(0).map { graph.consumers(of: $0) } ?? [] }
            var reshapes: [(NodeID, [Int])] = []
            for node in [reshape] + sources + results where node.isOperator("Reshape") {
                guard let extents = graph.constant(node.input(1))?.integers, let first = extents.first else {
                    return nil
                }
                if first > 0 { reshapes.append((node.id, extents)) }
            }
            if !gathers.isEmpty {
                return .flat(addition: addition.id, position: position, reshapes: reshapes)
            }
        }
        return nil
    }

    private static func isGather(_ node: Node, axis: Int, in graph: Graph) -> Bool {
        node.isOperator("Gather")
            && (try? OperatorContext(graph: graph, node: node).int("axis", default: 0)) == axis
    }

    /// Rewrites the gathers for a batch of that size; a batch of 1 may stay one.
    ///
    /// - Throws: `GraphError` if the edit is impossible; `OperatorError` if a map's height and width are open
    ///   before opset 12.
    func rewrite(for batch: Int, in edit: inout GraphEdit, _ original: Graph) throws {
        let offsets = try Tensor(shape: [batch, 1], (0..<batch).map { Int64($0 * channels) })
        switch spelling {
        case .flat(let addition, let position, let reshapes):
            for (node, extents) in reshapes {
                try setExtents(of: node, [-1] + extents.dropFirst().map(Int64.init), in: &edit)
            }
            edit.setInput(
                addition, position, try edit.addInitializer(edit.uniqueName("batch/offsets"), offsets))
        case .axis(let gathers):
            if batch == 1 { return }
            if original.opsets.onnx >= 12 {
                try setExtents(of: reshape, [0, Int64(k), 1], in: &edit)
                for gather in gathers {
                    edit.setOperator(gather.id, "GatherND")
                    edit.setAttribute(gather.id, "axis", nil)
                    edit.setAttribute(gather.id, "batch_dims", .int(1))
                }
                return
            }
            try setExtents(of: reshape, [-1, Int64(k)], in: &edit)
            let starts = try edit.addInitializer(edit.uniqueName("batch/offsets"), offsets)
            let flat = try edit.add("Add", [places, starts], output: edit.uniqueName("batch/flat"))
            for gather in gathers {
                let extents = gather.input(0).flatMap { original[$0].shape?.dims.dropFirst(2) }
                let known = extents?.compactMap(\.value).map(Int64.init)
                guard let data = gather.input(0), let known, known.count == extents?.count
                else { throw GraphError.invalid(place: gather.name, problem: "its maps have no known size") }
                let target = Tensor([-1] + known)
                let shape = try edit.addInitializer(edit.uniqueName("batch/extents"), target)
                let planes = try edit.add("Reshape", [data, shape], output: edit.uniqueName("batch/planes"))
                edit.setInput(gather.id, 0, planes)
                edit.setInput(gather.id, 1, flat)
                edit.setAttribute(gather.id, "axis", .int(0))
            }
        }
    }

    private func setExtents(of reshape: NodeID, _ extents: [Int64], in edit: inout GraphEdit) throws {
        edit.setInput(reshape, 1, try edit.addInitializer(edit.uniqueName("batch/extents"), Tensor(extents)))
    }
}
