import CONNX
import GraphIR

/// Orders a file's nodes so that every value is defined before it is read.
enum NodeOrder {
    /// Indices of `nodes` in topological order; an order that is valid already stays as it is.
    ///
    /// ONNX requires sorted nodes, but not every editor complies. The caller handles names that no node
    /// defines. O(nodes + edges), times the nesting of subgraphs.
    ///
    /// - Throws: `GraphError.duplicateName`, `GraphError.cycle`.
    static func sort(_ nodes: [UnsafeMutablePointer<Onnx__NodeProto>]) throws(GraphError) -> [Int] {
        enum Mark { case fresh, open, done }
        var producers: [String: Int] = [:]
        for (index, node) in nodes.enumerated() {
            for name in texts(node.pointee.n_output, node.pointee.output) where !name.isEmpty {
                guard producers.updateValue(index, forKey: name) == nil else {
                    throw GraphError.duplicateName(name)
                }
            }
        }
        var marks = [Mark](repeating: .fresh, count: nodes.count)
        var sorted: [Int] = []
        sorted.reserveCapacity(nodes.count)
        var stack: [(node: Int, reads: [String], next: Int)] = []
        for root in nodes.indices where marks[root] == .fresh {
            marks[root] = .open
            stack.append((root, reads(of: nodes[root].pointee), 0))
            while let (index, reads, next) = stack.last {
                guard next < reads.count else {
                    marks[index] = .done
                    sorted.append(index)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                guard let producer = producers[reads[next]] else { continue }
                switch marks[producer] {
                case .done: break
                case .open: throw GraphError.cycle(reads[next])
                case .fresh:
                    marks[producer] = .open
                    stack.append((producer, self.reads(of: nodes[producer].pointee), 0))
                }
            }
        }
        return sorted
    }

    /// The name in diagnostics of a node that is not in a graph yet.
    static func label(of node: Onnx__NodeProto) -> String {
        let (name, type) = (text(node.name), text(node.op_type))
        if !name.isEmpty { return "node \"\(name)\" (\(type))" }
        let output = texts(node.n_output, node.output).first { !$0.isEmpty } ?? ""
        return "node of output \"\(output)\" (\(type))"
    }

    /// The names that a node reads, including those that its subgraphs take from outside.
    private static func reads(of node: Onnx__NodeProto) -> [String] {
        var names = texts(node.n_input, node.input)
        for attribute in list(node.n_attribute, node.attribute) {
            if let graph = attribute.pointee.g { names += freeNames(of: graph.pointee) }
            for graph in list(attribute.pointee.n_graphs, attribute.pointee.graphs) {
                names += freeNames(of: graph.pointee)
            }
        }
        return names
    }

    /// The names that a graph reads but does not define.
    private static func freeNames(of graph: Onnx__GraphProto) -> [String] {
        let nodes = list(graph.n_node, graph.node)
        var defined = Set(list(graph.n_input, graph.input).map { text($0.pointee.name) })
        defined.formUnion(list(graph.n_initializer, graph.initializer).map { text($0.pointee.name) })
        for node in nodes { defined.formUnion(texts(node.pointee.n_output, node.pointee.output)) }
        let read = nodes.flatMap { reads(of: $0.pointee) }
        let outputs = list(graph.n_output, graph.output).map { text($0.pointee.name) }
        return (read + outputs).filter { !defined.contains($0) }
    }
}
