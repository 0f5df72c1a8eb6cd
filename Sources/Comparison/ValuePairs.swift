import GraphDiff
import GraphIR
import Operators

/// The values to compare, in the first model's topological order.
public enum ValuePairs {
    /// The values that both graphs compute: they have the same name, or are matched by structure
    /// (`GraphMatching`), and their types agree.
    ///
    /// A value that is quantised, where the other graph's is not, counts as what its readers get: quantisers leave
    /// activations to the range of the integers.
    public static func matching(_ graph: Graph, _ other: Graph) -> [ValuePair] {
        let matching = GraphMatching(graph, other)
        var paired: Set<String> = []
        return computedValues(of: graph).compactMap { value in
            // To a user, a shared name means the same value, whatever nodes surround it.
            let twin = other.value(named: value.name) ?? matching.values[value.id].map { other[$0] }
            guard let twin, case .node = twin.definition, typesAgree(value, twin) else { return nil }
            var (mine, theirs) = (graph.dequantized(value), other.dequantized(twin))
            if mine != nil, theirs != nil { (mine, theirs) = (nil, nil) }
            let name = (mine ?? value).name
            guard paired.insert(name).inserted else { return nil }
            return ValuePair(name: name, otherName: (theirs ?? twin).name)
        }
    }

    /// The values that the graph computes and a recording contains.
    public static func matching(_ graph: Graph, _ recording: RecordedValues) -> [ValuePair] {
        computedValues(of: graph).compactMap { value in
            recording.tensors[value.name] == nil
                ? nil : ValuePair(name: value.name, otherName: value.name)
        }
    }

    private static func computedValues(of graph: Graph) -> [Value] {
        graph.nodes.filter { !$0.isOperator("Constant") }.flatMap { node in
            node.outputs.compactMap { $0.map { graph[$0] } }
        }
    }

    private static func typesAgree(_ a: Value, _ b: Value) -> Bool {
        guard let mine = a.tensorType, let theirs = b.tensorType else { return true }
        return mine.merged(with: theirs) != nil
    }
}

extension Graph {
    /// The value that all readers of a quantised value get; nil if it is not quantised, or has other readers.
    fileprivate func dequantized(_ value: Value) -> Value? {
        guard let quantizer = soleConsumer(of: value.id), quantizer.isQuantizationOperator("QuantizeLinear"),
            quantizer.input(0) == value.id,
            let reader = quantizer.output(0).flatMap({ consumers(of: $0).first }),
            reader.isQuantizationOperator("DequantizeLinear"), let result = reader.output(0)
        else { return nil }
        return self[result]
    }
}
