import GraphIR
import Operators

/// Gives a graph's values their types: inferred ones first, declared ones where inference finds none.
enum DeclaredTypes {
    /// The graph with inferred types; `declared` (the file's `value_info`) only fills the gaps that inference
    /// leaves.
    ///
    /// A declared extent never replaces an inferred one: in many files, the batch of the inputs was made
    /// symbolic after the inner values had been described with the old one.
    ///
    /// - Throws: `OperatorError` if a node contradicts its operator or the graph's inputs and outputs.
    static func resolve(_ graph: Graph, declared: [(value: ValueID, type: ValueType)]) throws -> Graph {
        var edit = GraphEdit(graph)
        for (id, type) in declared where edit.graph[id].type == nil {
            guard let node = edit.graph.producer(of: id) else { continue }
            if type.tensor == nil || OperatorRegistry.find(node) == nil { edit.setType(id, type) }
        }
        let inferred = try ShapeInference.infer(edit.graph)
        var filling = GraphEdit(inferred)
        for (id, type) in declared {
            guard let declared = type.tensor else { continue }
            guard let known = filling.graph[id].tensorType else {
                if filling.graph[id].type == nil { filling.setType(id, type) }
                continue
            }
            if let filled = known.filled(from: declared) { filling.setType(id, .tensor(filled)) }
        }
        guard filling.hasChanges else { return inferred }
        // A declaration may contradict types inferred elsewhere; then declarations are ignored.
        return (try? ShapeInference.infer(filling.graph)) ?? inferred
    }
}

extension TensorType {
    /// The type with unknown extents taken from `declared`; nil if the two contradict each other.
    fileprivate func filled(from declared: TensorType) -> TensorType? {
        guard merged(with: declared) != nil, let theirs = declared.shape else { return nil }
        guard let mine = shape else { return declared }
        let dims = zip(mine.dims, theirs.dims).map { $0 == .unknown ? $1 : $0 }
        return TensorType(elementType, Shape(dims))
    }
}
