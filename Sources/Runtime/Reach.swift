import GraphIR
import Operators

/// The part of a graph that can be run.
///
/// Neither a node that cannot be run nor anything that depends on it can be computed; everything else can be
/// run and compared. Typical cases are detectors and text readers: a backbone, with a Loop or operators of
/// another domain in the head.
public struct Reach: Sendable {
    /// A node that cannot be run, and why.
    public struct Boundary: Sendable, Equatable {
        /// The node as diagnostics name it.
        public let node: String
        /// Why, in a few words.
        public let problem: String

        /// A text such as `node "/Loop_62" (Loop): no kernel`.
        public var text: String { "\(node): \(problem)" }
    }

    /// The first node that cannot be run; nil if the whole graph can.
    public private(set) var boundary: Boundary?
    /// Whether no more nodes can be given up.
    public var isExhausted: Bool { retries == 0 }
    private let graph: Graph
    /// The values that cannot be computed.
    private var lost: Set<ValueID> = []
    /// How many more nodes may be given up.
    private var retries: Int

    /// Looks for operators without a kernel, including those in the branches of nodes. O(nodes + edges).
    public init(_ graph: Graph) {
        self.graph = graph
        // Each is followed by another try, which walks the graph; and a graph may have one for every output.
        retries = min(64, max(1, 1_000_000 / max(1, graph.order.count)))
        for node in graph.nodes {
            if let problem = node.obstacle {
                lose(node, problem)
            } else if reads(node) {
                lost.formUnion(node.outputs.compactMap { $0 })
            }
        }
    }

    /// Whether the graph can compute the value of that name, as far as is known; true for inputs and
    /// constants.
    public func reaches(_ name: String) -> Bool {
        graph.value(named: name).map { !lost.contains($0.id) } ?? false
    }

    /// Gives up the node that an error of a run names, and everything that depends on it. O(nodes + edges).
    ///
    /// - Returns: the node; nil if the error names none, or is about a limit, which says nothing about the
    ///   graph, or if too many nodes have been given up for a graph of its size: 64, and 10 of 100,000 nodes.
    public mutating func giveUp(after error: any Error) -> Node? {
        guard retries > 0, let (label, problem) = Reach.place(of: error),
            let node = graph.nodes.first(where: { isReached($0) && graph.label(of: $0) == label })
        else { return nil }
        retries -= 1
        lose(node, problem)
        for follower in graph.nodes where reads(follower) {
            lost.formUnion(follower.outputs.compactMap { $0 })
        }
        return node
    }

    private static func place(of error: any Error) -> (label: String, problem: String)? {
        switch error {
        case let error as OperatorError where error.kind != .limit: (error.node, error.problem)
        case RuntimeError.unsupportedOperator(let node, _): (node, "no kernel")
        case let error as RuntimeError:
            switch error {
            case .invalidIndex(let node, _, _), .unexpectedOutput(let node, _, _):
                (node, error.diagnostic.problem)
            default: nil
            }
        default: nil
        }
    }

    private mutating func lose(_ node: Node, _ problem: String) {
        lost.formUnion(node.outputs.compactMap { $0 })
        boundary = boundary ?? Boundary(node: graph.label(of: node), problem: problem)
    }

    private func isReached(_ node: Node) -> Bool {
        node.outputs.contains { $0.map { !lost.contains($0) } ?? false }
    }

    /// Whether the node reads a value that cannot be computed.
    private func reads(_ node: Node) -> Bool {
        (node.inputs + node.captures).contains { $0.map(lost.contains) ?? false }
    }
}

extension Node {
    /// Why the node cannot be run; nil if its operator, and those of its subgraphs, have kernels.
    fileprivate var obstacle: String? {
        guard OperatorRegistry.find(self) != nil else { return "no kernel" }
        for graph in attributes.entries.flatMap(\.value.graphs) {
            if let inner = graph.nodes.first(where: { $0.obstacle != nil }) {
                return "no kernel for \(inner.operatorType) in a branch"
            }
        }
        return nil
    }
}

extension Attribute {
    fileprivate var graphs: [Graph] {
        switch self {
        case .graph(let graph): [graph]
        case .graphs(let graphs): graphs
        default: []
        }
    }
}
