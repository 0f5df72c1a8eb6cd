import GraphDiff
import GraphIR

/// The values to compare, in the first model's topological order.
public enum ValuePairs {
    /// The values that both graphs compute: they have the same name, or are matched by structure
    /// (`GraphMatching`), and their types agree.
    public static func matching(_ graph: Graph, _ other: Graph) -> [ValuePair] {
        let matching = GraphMatching(graph, other)
        return computedValues(of: graph).compactMap { value in
            // To a user, a shared name means the same value, whatever nodes surround it.
            let twin = other.value(named: value.name) ?? matching.values[value.id].map { other[$0] }
            guard let twin, case .node = twin.definition, typesAgree(value, twin) else { return nil }
            return ValuePair(name: value.name, otherName: twin.name)
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
