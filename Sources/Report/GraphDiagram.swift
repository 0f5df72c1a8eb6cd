import GraphIR
import MixtureOfDepths

/// A graph as a drawing for Graphviz: nodes with their weights' shapes, edges with their values' shapes, the
/// blocks in frames.
public struct GraphDiagram: Sendable {
    private let graph: Graph
    /// The title of each block's frame, and the frame of each of its nodes.
    private let frames: [(title: String, isMoD: Bool)]
    private let frameOfNode: [NodeID: Int]

    /// - Parameters:
    ///   - graph: the graph to draw, as its file has it.
    ///   - blocks: blocks of `canonical`; a node of `graph` belongs to a block if it computes a value of one
    ///     of the block's nodes.
    ///   - canonical: the graph in canonical form.
    public init(_ graph: Graph, blocks: [NetworkBlock], canonical: Graph) {
        self.graph = graph
        frames = blocks.map { block in
            if case .mixtureOfDepths = block.kind { return (block.title, true) }
            return (block.title, false)
        }
        var frameOfValue: [String: Int] = [:]
        for (index, block) in blocks.enumerated() {
            for case let output? in block.nodes.lazy.flatMap({ canonical[$0].outputs }) {
                frameOfValue[canonical[output].name] = index
            }
        }
        frameOfNode = graph.nodes.reduce(into: [:]) { frames, node in
            let names = node.outputs.compactMap { $0.map { graph[$0].name } }
            if let frame = names.lazy.compactMap({ frameOfValue[$0] }).first { frames[node.id] = frame }
        }
    }

    /// The drawing in Graphviz's language, for `dot -Tsvg`.
    public var dot: String {
        let places = Dictionary(
            graph.nodes.enumerated().map { ($0.element.id, $0.offset) },
            uniquingKeysWith: { first, _ in first })
        var lines = [
            "digraph model {",
            "  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=Helvetica]",
            "  edge [fontname=Helvetica, fontsize=10]",
        ]
        var nodesOfFrames = [[Node]](repeating: [], count: frames.count)
        for node in graph.nodes {
            if let frame = frameOfNode[node.id] { nodesOfFrames[frame].append(node) }
        }
        for (index, frame) in frames.enumerated() {
            let fill = frame.isMoD ? "\"#d7efe9\"" : "\"#f0f2f5\""
            lines.append("  subgraph cluster_\(index) {")
            lines.append("    label=\(frame.title.quotedForDot); style=filled; color=\(fill)")
            for node in nodesOfFrames[index] { lines.append("    " + statement(node, places)) }
            lines.append("  }")
        }
        for node in graph.nodes where frameOfNode[node.id] == nil {
            lines.append("  " + statement(node, places))
        }
        for (index, id) in inputs.enumerated() { lines.append("  i\(index) [\(port(id))]") }
        for (index, id) in graph.outputs.enumerated() { lines.append("  o\(index) [\(port(id))]") }
        return (lines + edges(places) + ["}"]).joined(separator: "\n") + "\n"
    }

    private var inputs: [ValueID] { graph.requiredInputs }

    private func statement(_ node: Node, _ places: [NodeID: Int]) -> String {
        let weights = node.inputs.compactMap { $0.flatMap { graph[$0].initializer } }.first { $0.rank > 0 }
        let label = [node.operatorType, weights.map { Shape($0.shape).description } ?? ""]
        return "n\(places[node.id] ?? 0) [label=\(label.filter { !$0.isEmpty }.linesForDot)]"
    }

    private func port(_ id: ValueID) -> String {
        let type = graph[id].tensorType?.description ?? "?"
        return "shape=ellipse, label=\([graph[id].name, type].linesForDot)"
    }

    private func edges(_ places: [NodeID: Int]) -> [String] {
        var starts: [ValueID: String] = [:]
        for (index, id) in inputs.enumerated() { starts[id] = "i\(index)" }
        for node in graph.nodes {
            for case let output? in node.outputs { starts[output] = "n\(places[node.id] ?? 0)" }
        }
        func edge(_ value: ValueID, to end: String) -> String? {
            guard let start = starts[value] else { return nil }
            let shape = graph[value].shape?.description ?? "?"
            return "  \(start) -> \(end) [label=\(shape.quotedForDot)]"
        }
        let inner = graph.nodes.flatMap { node in
            (node.inputs + node.captures).compactMap { input in
                input.flatMap { edge($0, to: "n\(places[node.id] ?? 0)") }
            }
        }
        return inner + graph.outputs.enumerated().compactMap { edge($0.element, to: "o\($0.offset)") }
    }
}

extension NetworkBlock {
    fileprivate var title: String { scope.isEmpty ? kindText : "\(scope): \(kindText)" }
}

extension String {
    /// The text as a Graphviz string, in which a backslash starts an escape.
    fileprivate var quotedForDot: String { [self].linesForDot }
}

extension [String] {
    /// The texts as one Graphviz string, one line each.
    fileprivate var linesForDot: String {
        let lines = map { line in
            line.escapingControlCharacters.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        }
        return "\"" + lines.joined(separator: "\\n") + "\""
    }
}
