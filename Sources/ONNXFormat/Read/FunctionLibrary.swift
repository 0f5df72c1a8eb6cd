import CONNX
import GraphIR

/// The functions that a model brings along, by what a node that calls one says.
struct FunctionLibrary {
    struct Key: Hashable {
        let domain: String
        let name: String
        let overload: String
    }

    private var functions: [Key: UnsafeMutablePointer<Onnx__FunctionProto>] = [:]

    /// - Throws: `ONNXFormatError` if a function stands for a standard operator, whose meaning everything here
    ///   takes from the standard, or two are called the same.
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

/// How many nodes the calls of a model's functions have become, over all its graphs.
final class InliningBudget {
    private var nodes = 0

    /// - Throws: `ONNXFormatError` with kind `limit` if the model would have more nodes than it may.
    func spend(_ count: Int, of limits: ImportLimits, place: String) throws(ONNXFormatError) {
        nodes += count
        guard nodes <= limits.nodes else {
            throw ONNXFormatError(
                .limit, place: place, "its functions would become more than \(limits.nodes) nodes")
        }
    }
}
