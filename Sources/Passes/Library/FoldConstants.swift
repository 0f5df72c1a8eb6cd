import GraphIR

/// Computes everything that does not depend on the graph's inputs.
///
///     before: initialiser w -> Transpose -> w' -> Conv
///     after:                  initialiser w' -> Conv
///
/// One run folds a whole chain of such nodes. Nodes that compute the same from the same constants share the
/// result. The operators' reference evaluation computes the values: double precision inside, rounded once.
///
/// Conditions: those of `ConstantFolding.value`.
public struct FoldConstants: Pass {
    public let name = "fold-constants"
    public let summary = "Nodes whose inputs are all constant are replaced by their values."

    private let growthLimit: Int

    /// - Parameter growthLimit: bytes by which folding one node may make the model grow; nil for as many as
    ///   one ONNX file can hold.
    public init(growthLimit: Int? = nil) { self.growthLimit = growthLimit ?? ConstantFolding.byteLimit }

    public func run(_ graph: Graph) throws -> Graph? {
        try FoldConstants.fold(graph, pass: name, growthLimit: growthLimit) { _ in true }
    }

    /// Folds the nodes that `isCandidate` selects, producers first.
    static func fold(
        _ graph: Graph, pass: String, growthLimit: Int, isCandidate: (Node) -> Bool
    ) throws -> Graph? {
        var edit = GraphEdit(graph)
        var folding = ConstantFolding(graph, growthLimit: growthLimit)
        var folded: [Application: ValueID] = [:]
        for id in graph.order where isCandidate(edit.graph[id]) {
            let node = edit.graph[id]
            do {
                let application = node.inputs.isEmpty || node.outputs.count != 1 ? nil : Application(node)
                if let application, let first = folded[application], let output = node.output(0),
                    edit.canReplaceUses(of: output, with: first)
                {
                    try edit.replaceUses(of: output, with: first)
                    try edit.removeNode(id)
                    continue
                }
                guard let value = try folding.value(of: node, in: edit.graph) else { continue }
                try edit.replaceNode(id, withConstants: value)
                if let application { folded[application] = node.output(0) }
            } catch {
                throw PassError(pass: pass, node: graph.label(of: node), error)
            }
        }
        return edit.hasChanges ? try edit.commit() : nil
    }
}
