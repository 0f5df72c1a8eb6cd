import GraphIR
import Operators

extension MoDRecogniser {
    /// A selector whose scores become the gates of a hidden layer.
    struct GatedLayer {
        let selector: Selector
        /// The chosen units; they come first, if there are others.
        let indices: ValueID
        let gates: ValueID
        /// The number of units that a sample computes.
        let count: Int
        /// The product of the layer's activations with the gates.
        let product: ValueID
    }

    /// The gates made of a selector's scores: those of the chosen units, 0 for the others. By a mask of the chosen
    /// set, or by ranks, as version 0.2 wrote them:
    ///
    ///     s ── choice ── indices ── Equal(0 ..< units) ── Cast ── ReduceMax ── * s ── gates
    ///     s ── TopK ── order ── TopK, smallest first ── ranks ── Less(A) ── Where(s, 0) ── gates
    func gatedLayer(_ selector: Selector) -> GatedLayer? {
        guard let found = gatesBySet(selector) ?? gatesByRank(selector),
            (1...selector.units).contains(found.count),
            let product = graph.consumers(of: found.gates).first(where: { $0.isOperator("Mul") })?.output(0)
        else { return nil }
        return GatedLayer(
            selector: selector, indices: found.indices, gates: found.gates, count: found.count,
            product: product)
    }

    private typealias Gates = (indices: ValueID, gates: ValueID, count: Int)

    private func gatesBySet(_ selector: Selector) -> Gates? {
        for node in graph.consumers(of: selector.scores) where node.isOperator("Mul") {
            guard let gates = node.output(0),
                let mask = node.inputs.compactMap({ $0 }).first(where: { $0 != selector.scores }),
                let reduction = producer(mask), reduction.isOperator("ReduceMax"),
                let comparison = producer(origin(reduction.input(0), past: ["Cast"])),
                comparison.isOperator("Equal")
            else { continue }
            for position in 0..<2 {
                let all = graph.constant(comparison.input(1 - position))?.integers
                guard all == Array(0..<selector.units),
                    let indices = origin(comparison.input(position), past: MoDRecogniser.reshaping),
                    choices(of: selector.scores).contains(indices), let count = channels(of: indices)
                else { continue }
                return (indices, gates, count)
            }
        }
        return nil
    }

    private func gatesByRank(_ selector: Selector) -> Gates? {
        guard let choice = graph.consumers(of: selector.scores).first(where: { $0.isOperator("Where") }),
            choice.input(1) == selector.scores, graph.constant(choice.input(2))?.floats == [0],
            let gates = choice.output(0), let less = producer(choice.input(0)), less.isOperator("Less"),
            let limit = graph.constant(less.input(1))?.integers, limit.count == 1,
            let ranks = producer(less.input(0)), ranks.isOperator("TopK"), ranks.output(1) == less.input(0),
            let order = ranks.input(0), let sort = producer(order), sort.isOperator("TopK"),
            sort.output(1) == order, sort.input(0) == selector.scores
        else { return nil }
        return (order, gates, limit[0])
    }

    private static let reshaping: Set<String> = ["Cast", "Reshape", "Squeeze", "Transpose", "Unsqueeze"]
}
