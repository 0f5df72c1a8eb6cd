import GraphIR

/// Merges nodes that compute the same.
///
///     before: x -> Relu -> a -> Conv(W) -> ..      x -> Relu -> b -> Conv(V) -> ..
///     after:  x -> Relu -> a -> Conv(W) -> ..                   a -> Conv(V) -> ..
///
/// Whole branches merge in one run: nodes come in topological order, and a node's inputs are merged before
/// it.
///
/// Conditions:
/// 1. Both nodes have the same operator, attributes and inputs, and leave out the same outputs.
/// 2. The operator computes the same every time and does not quantise, and neither node has a subgraph.
/// 3. The first node's outputs can replace the second's (`GraphEdit.canReplaceUses`).
///
/// O(nodes and attributes), tensors among the attributes included.
public struct EliminateCommonSubexpressions: Pass {
    public let name = "eliminate-common-subexpressions"
    public let summary = "Nodes that compute the same from the same inputs are computed once."

    /// The pass; it has no settings.
    public init() {}

    public func run(_ graph: Graph) throws -> Graph? {
        var edit = GraphEdit(graph)
        var seen: [Application: NodeID] = [:]
        for id in graph.order {
            let node = edit.graph[id]
            guard !node.isRandom, !node.isQuantization, !node.hasSubgraph, node.captures.isEmpty else {
                continue
            }
            let application = Application(node)
            guard let first = seen[application] else {
                seen[application] = id
                continue
            }
            let pairs = zip(edit.graph[first].outputs, node.outputs).compactMap { kept, dropped in
                kept.flatMap { kept in dropped.map { (kept: kept, dropped: $0) } }
            }
            // Two graph outputs cannot become one value: at most one value of a pair may be one.
            guard pairs.allSatisfy({ edit.canReplaceUses(of: $0.dropped, with: $0.kept) }) else { continue }
            do {
                for (kept, dropped) in pairs { try edit.replaceUses(of: dropped, with: kept) }
                try edit.removeNode(id)
            } catch {
                throw PassError(pass: name, node: graph.label(of: node), error)
            }
        }
        return edit.hasChanges ? try edit.commit() : nil
    }
}

/// A node's computation, apart from its names: a key for equal ones.
struct Application: Hashable {
    private let node: Node
    private let attributes: [(name: String, value: Attribute)]

    init(_ node: Node) {
        self.node = node
        attributes = node.attributes.entries.sorted { $0.name < $1.name }
    }

    static func == (a: Application, b: Application) -> Bool {
        a.node.operatorType == b.node.operatorType && a.node.domain == b.node.domain
            && a.node.overload == b.node.overload && a.node.inputs == b.node.inputs
            && a.node.outputs.map { $0 == nil } == b.node.outputs.map { $0 == nil }
            && a.attributes.elementsEqual(b.attributes) { $0.name == $1.name && $0.value == $1.value }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(node.operatorType)
        hasher.combine(node.inputs)
        for (name, value) in attributes {
            hasher.combine(name)
            value.combine(into: &hasher, contents: true)
        }
    }
}
