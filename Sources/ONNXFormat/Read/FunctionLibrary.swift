import CONNX
import GraphIR

/// The functions that a model defines, looked up by the nodes that call them.
struct FunctionLibrary {
    struct Key: Hashable {
        let domain: String
        let name: String
        let overload: String
    }

    private var functions: [Key: UnsafeMutablePointer<Onnx__FunctionProto>] = [:]

    /// - Throws: `ONNXFormatError` if a function redefines a standard operator, which this tool always takes
    ///   from the standard, or if two functions have the same name.
    init(_ proto: Onnx__ModelProto) throws(ONNXFormatError) {
        for function in list(proto.n_functions, proto.functions) {
            let key = Key(
                domain: OpsetImports.canonical(text(function.pointee.domain)),
                name: text(function.pointee.name), overload: text(function.pointee.overload))
            if key.domain.isEmpty {
                throw ONNXFormatError(
                    .unsupported, place: "function \"\(key.name)\"",
                    "redefines an operator of the standard domain",
                    remedy: "inline the functions with onnx.inliner")
            }
            guard functions.updateValue(function, forKey: key) == nil else {
                throw ONNXFormatError(
                    .invalidGraph, place: "function \"\(key.name)\"", "is there twice")
            }
        }
    }

    /// The function that a node calls; nil if it applies an operator.
    func function(of node: Onnx__NodeProto) -> (key: Key, proto: Onnx__FunctionProto)? {
        guard !functions.isEmpty else { return nil }
        let key = Key(
            domain: OpsetImports.canonical(text(node.domain)), name: text(node.op_type),
            overload: text(node.overload))
        return functions[key].map { (key, $0.pointee) }
    }
}

extension FunctionLibrary {
    /// The number of nodes that a call of a function becomes. O(nodes of all functions).
    ///
    /// - Throws: `ONNXFormatError` if the function calls itself, directly or indirectly, or if calls nest
    ///   deeper than `deepestCall`.
    func size(of key: Key, place: String) throws(ONNXFormatError) -> Int {
        var known: [Key: Int] = [:]
        return try size(of: key, place: place, active: [], &known)
    }

    /// Counting and reading calls is recursive.
    private static let deepestCall = 32

    private func size(
        of key: Key, place: String, active: [Key], _ known: inout [Key: Int]
    ) throws(ONNXFormatError) -> Int {
        if let size = known[key] { return size }
        guard !active.contains(key) else {
            throw ONNXFormatError(.invalidGraph, place: place, "function \"\(key.name)\" calls itself")
        }
        guard active.count < FunctionLibrary.deepestCall else {
            throw ONNXFormatError(
                .limit, place: place,
                "functions call each other more than \(FunctionLibrary.deepestCall) deep")
        }
        var size = 0
        if let function = functions[key]?.pointee {
            for node in list(function.n_node, function.node) {
                let nodes = try self.size(of: node.pointee, place: place, active: active + [key], &known)
                let (sum, overflow) = size.addingReportingOverflow(nodes)
                size = overflow ? .max : sum
            }
        }
        known[key] = size
        return size
    }

    /// The nodes that one node becomes, including itself and those of its inner graphs: a call costs
    /// something even if its function is empty.
    private func size(
        of node: Onnx__NodeProto, place: String, active: [Key], _ known: inout [Key: Int]
    ) throws(ONNXFormatError) -> Int {
        var size = 1
        if let (key, _) = function(of: node) {
            let nodes = try self.size(of: key, place: place, active: active, &known)
            size = nodes == .max ? nodes : nodes + 1
        }
        for attribute in list(node.n_attribute, node.attribute) {
            var graphs = list(attribute.pointee.n_graphs, attribute.pointee.graphs)
            if let graph = attribute.pointee.g { graphs.append(graph) }
            for graph in graphs {
                for inner in list(graph.pointee.n_node, graph.pointee.node) {
                    let nodes = try self.size(of: inner.pointee, place: place, active: active, &known)
                    let (sum, overflow) = size.addingReportingOverflow(nodes)
                    size = overflow ? .max : sum
                }
            }
        }
        return size
    }
}

/// The number of nodes that the calls of a model's functions have become, over all its graphs.
final class InliningBudget {
    private var nodes = 0

    /// - Throws: `ONNXFormatError` with kind `limit` if the model would exceed its limit of nodes.
    func spend(_ count: Int, of limits: ImportLimits, place: String) throws(ONNXFormatError) {
        let (sum, overflow) = nodes.addingReportingOverflow(count)
        guard !overflow, sum <= limits.nodes else {
            throw ONNXFormatError(
                .limit, place: place, "its functions would become more than \(limits.nodes) nodes")
        }
        nodes = sum
    }

    private var nameBytes = 0

    /// Counts a name that inlining creates.
    ///
    /// - Throws: `ONNXFormatError` with kind `limit` if the names exceed the limit of a description.
    func spend(name: String, of limits: ImportLimits) throws(ONNXFormatError) {
        nameBytes += name.utf8.count
        guard nameBytes <= limits.descriptionBytes else {
            throw ONNXFormatError(
                .limit, "names in inlined functions take more than \(limits.descriptionBytes) bytes")
        }
    }
}
