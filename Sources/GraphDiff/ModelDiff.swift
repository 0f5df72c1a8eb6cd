import GraphIR

/// The differences of two models.
///
/// Names of inner values and nodes, doc strings and metadata do not count as differences; `renamed` lists the
/// names.
public struct ModelDiff: Sendable {
    /// A node of one of the graphs.
    public struct NodeReference: Sendable, Encodable, Equatable {
        /// The node's name, or that of its first output.
        public let name: String
        /// The operator's name.
        public let operatorType: String
    }

    /// A node that both graphs have, with differences.
    public struct ChangedNode: Sendable {
        /// The node of the first model.
        public let left: NodeReference
        /// The node of the second.
        public let right: NodeReference
        /// The criterion by which the two were matched.
        public let basis: GraphMatching.Basis
        /// The differences between them.
        public let changes: [NodeChange]
    }

    /// A difference in a model's interface.
    public struct InterfaceChange: Sendable, Encodable, Equatable {
        /// The part of the interface, such as `input "x"` or `opset ai.onnx`.
        public let part: String
        /// Nil if the left model lacks it.
        public let left: String?
        /// Nil if the right model lacks it.
        public let right: String?
    }

    /// Opsets, inputs and outputs that differ.
    public let interface: [InterfaceChange]
    /// Nodes that only the left graph has, in its order.
    public let removed: [NodeReference]
    /// Nodes that only the right graph has, in its order.
    public let added: [NodeReference]
    /// Nodes that both graphs have, with differences, in the left graph's order.
    public let changed: [ChangedNode]
    /// Values that both graphs compute under different names, in the left graph's order.
    public let renamed: [(left: String, right: String)]
    /// The number of nodes of the left graph that compute something.
    public let leftNodes: Int
    /// The number of nodes of the right graph that compute something.
    public let rightNodes: Int
    /// The number of nodes that both have, matched by name.
    public let matchedByName: Int
    /// The number of nodes that both have, matched by structure.
    public let matchedByStructure: Int
    /// The tolerance of weights, relative to the largest magnitude in the left one.
    public let tolerance: Double

    /// Whether the models are the same.
    public var isEmpty: Bool { interface.isEmpty && removed.isEmpty && added.isEmpty && changed.isEmpty }

    /// Compares two models. `GraphMatching` says which nodes are compared, and at what cost.
    ///
    /// - Parameter tolerance: the allowed difference of a floating-point constant, relative to its largest
    ///   magnitude.
    public init(_ left: Model, _ right: Model, tolerance: Double = 0) {
        let matching = GraphMatching(left.graph, right.graph)
        self.tolerance = tolerance
        interface = ModelDiff.interface(left, right)
        leftNodes = matching.leftConstants.computingNodes.count
        rightNodes = matching.rightConstants.computingNodes.count
        matchedByName = matching.basis.values.count { $0 == .name }
        matchedByStructure = matching.basis.values.count { $0 == .structure }
        var removed: [NodeReference] = []
        var changed: [ChangedNode] = []
        var renamed: [(left: String, right: String)] = []
        for node in matching.leftConstants.computingNodes {
            guard let basis = matching.basis[node.id], let twin = matching.nodes[node.id] else {
                removed.append(NodeReference(node, left.graph))
                continue
            }
            let other = right.graph[twin]
            let changes = NodeComparison(matching, tolerance: tolerance).changes(node, other)
            if !changes.isEmpty {
                changed.append(
                    ChangedNode(
                        left: NodeReference(node, left.graph), right: NodeReference(other, right.graph),
                        basis: basis, changes: changes))
            }
            for case let output? in node.outputs {
                guard let twin = matching.values[output] else { continue }
                let names = (left: left.graph[output].name, right: right.graph[twin].name)
                if names.left != names.right { renamed.append(names) }
            }
        }
        self.removed = removed
        self.changed = changed
        self.renamed = renamed
        added = matching.rightConstants.computingNodes.filter { !matching.isMatched(right: $0.id) }
            .map { NodeReference($0, right.graph) }
    }

    private static func interface(_ left: Model, _ right: Model) -> [InterfaceChange] {
        func inputs(_ graph: Graph) -> [Value] { graph.requiredInputs.map { graph[$0] } }
        func outputs(_ graph: Graph) -> [Value] { graph.outputs.map { graph[$0] } }
        let opsets = ListDifference.changes(
            left.graph.opsets.entries.map { ($0.domain.isEmpty ? "ai.onnx" : $0.domain, "\($0.version)") },
            right.graph.opsets.entries.map { ($0.domain.isEmpty ? "ai.onnx" : $0.domain, "\($0.version)") })
        let ports = [
            ("input", inputs(left.graph), inputs(right.graph)),
            ("output", outputs(left.graph), outputs(right.graph)),
        ].flatMap { kind, mine, theirs in
            ListDifference.changes(mine.map(\.signature), theirs.map(\.signature)).map {
                InterfaceChange(part: "\(kind) \"\($0.name)\"", left: $0.left, right: $0.right)
            }
        }
        return opsets.map { InterfaceChange(part: "opset \($0.name)", left: $0.left, right: $0.right) }
            + ports
    }
}

extension ModelDiff.NodeReference {
    init(_ node: Node, _ graph: Graph) {
        let output = node.outputs.lazy.compactMap { $0 }.first.map { graph[$0].name } ?? ""
        self.init(name: node.name.isEmpty ? output : node.name, operatorType: node.operatorType)
    }
}

extension Value {
    /// The name, and the type in the graph's signature.
    fileprivate var signature: (String, String) { (name, signatureType?.tensor?.description ?? "?") }
}

/// The differences of two lists of named texts.
enum ListDifference {
    /// The names whose texts differ, or that only one list has: the left list's in its order, then the right
    /// list's.
    static func changes(_ left: [(String, String)], _ right: [(String, String)])
        -> [(name: String, left: String?, right: String?)]
    {
        let mine = Dictionary(left, uniquingKeysWith: { first, _ in first })
        let theirs = Dictionary(right, uniquingKeysWith: { first, _ in first })
        let names = left.map(\.0) + right.map(\.0).filter { mine[$0] == nil }
        return names.filter { mine[$0] != theirs[$0] }.map { ($0, mine[$0], theirs[$0]) }
    }
}
