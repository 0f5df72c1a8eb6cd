import GraphIR
import Operators
import Runtime

/// Fuzzes one operator of the registry: what it says of its node, and what it computes.
enum OperatorTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) throws(FuzzTarget.Finding) {
        var source = ByteSource(bytes)
        let names = OperatorRegistry.names
        guard let rule = OperatorRegistry.find(domain: "", names[source.index(below: names.count)]) else {
            return
        }
        let opset = source.pick([17, 7, 9, 10, 11, 13, 14, 16, 18, 19, 21, 23])
        var test = OperatorCase(rule, opset: opset, &source)
        let context = test.context
        let types = try answer { try rule.inferTypes(context) }
        _ = try answer { try rule.inferExtents(context) }
        let cost = test.costContext(types ?? []).map(rule.cost) ?? nil
        _ = try answer { try rule.inferTypes(test.shapesOnly) }
        _ = rule.cost(test.shapesOnly)
        guard let types, isAffordable(types, cost) else { return }
        let expected = try answer { try rule.evaluate(context, test.inputs) }
        for (type, output) in zip(types, expected ?? []) where type?.merged(with: output.type) == nil {
            throw FuzzTarget.Finding("\(rule.name) infers \(String(describing: type)), makes \(output.type)")
        }
        try runSession(&test, expected)
    }

    /// Whether an evaluation is done within milliseconds.
    private static func isAffordable(_ types: [TensorType?], _ cost: Cost?) -> Bool {
        let elements = types.map { $0?.shape.map { $0.elementCount ?? .max } ?? 0 }
        guard elements.allSatisfy({ $0 <= 1 << 16 }) else { return false }
        return cost.map { $0.macs <= 1 << 20 && $0.elementaryOperations <= 1 << 20 } ?? true
    }

    /// The operator as a graph of one node, on the runtime's kernels.
    private static func runSession(
        _ test: inout OperatorCase, _ expected: [Tensor]?
    ) throws(FuzzTarget.Finding) {
        guard let graph = try answer({ try test.graph() }) else { return }
        let inputs = test.graphInputs
        let outputs = try answer {
            try Session(graph, options: SessionOptions(threads: 1)).run(inputs)
        }
        guard let outputs, let expected else { return }
        for (output, tensor) in zip(outputs, expected) where output.tensor.type != tensor.type {
            throw FuzzTarget.Finding(
                "\(test.rule.name) gives \(output.tensor.type), by its definition \(tensor.type)")
        }
    }
}
