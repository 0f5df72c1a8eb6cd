import GraphIR
import Operators

/// Quantises again behind operators that only move numbers, where a graph does not, as NNCF's:
///
///     before: DequantizeLinear -> MaxPool, Reshape, ... -> y -> readers
///     after:  DequantizeLinear -> MaxPool, Reshape, ... -> QuantizeLinear -> DequantizeLinear -> y -> readers
///
/// The new pair has the scale and the zero point of the first DequantizeLinear, so y stays the same to the bit, and
/// its readers find bytes behind it (`QuantizedPatterns`).
///
/// Conditions: the bytes are no constant and have one quantisation, which is constant; y is not quantised already.
enum PairPropagation {
    /// O(nodes).
    static func applied(to graph: Graph) throws(GraphError) -> Graph {
        guard graph.nodes.contains(where: { $0.isOperator("DequantizeLinear") }) else {
            return graph
        }
        var edit = GraphEdit(graph)
        for node in graph.nodes where node.commutesWithDequantization {
            guard let value = node.output(0),
                let source = node.input(0).flatMap({ edit.graph.producer(of: $0) }),
                source.isOperator("DequantizeLinear"), let bytes = source.input(0),
                graph.constant(bytes) == nil, let zero = graph.constant(source.input(2)),
                LinearQuantization(
                    scale: graph.constant(source.input(1)), zero: zero, of: zero.elementType) != nil,
                !isQuantized(value, edit.graph)
            else { continue }
            let parameters = Array(source.inputs[1...])
            let name = graph[value].name
            try edit.interpose(
                "DequantizeLinear", after: value, innerName: edit.uniqueName(name + "/quantized"),
                parameters: parameters)
            guard let inner = edit.graph.producer(of: value)?.input(0) else { continue }
            try edit.interpose(
                "QuantizeLinear", after: inner, innerName: edit.uniqueName(name + "/float"),
                parameters: parameters)
        }
        return try edit.commit()
    }

    private static func isQuantized(_ value: ValueID, _ graph: Graph) -> Bool {
        graph.soleConsumer(of: value)?.isQuantizationOperator("QuantizeLinear") == true
    }
}
