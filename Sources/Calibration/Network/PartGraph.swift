import GraphIR
import MixtureOfDepths
import Operators
import Runtime

/// Builds a graph that runs a part of a network, with other weights where given.
package struct PartGraph {
    private let source: Graph
    package private(set) var edit: GraphEdit
    /// The part's values, keyed by the source's values that they stand for.
    private var values: [ValueID: ValueID] = [:]
    /// The constants that took the place of the source's, by the places of those.
    package private(set) var replacements: [ConstantPlace: ValueID] = [:]

    package init(of source: Graph) {
        self.source = source
        edit = GraphEdit(Graph(name: "part", opsets: source.opsets))
    }

    /// Adds an input in place of a value of the source, with an open batch.
    package mutating func addInput(_ name: String, for value: ValueID) throws {
        guard let type = source[value].tensorType, var shape = type.shape, !shape.dims.isEmpty else {
            throw CalibrationError.dynamicShape(source[value].name)
        }
        shape[0] = .symbol("samples")
        values[value] = try edit.addInput(name, type: .tensor(TensorType(type.elementType, shape)))
    }

    /// Adds an input [samples, channels, 1, 1] or [samples, channels, height, width].
    mutating func addInput(_ name: String, channels: Int, height: Int, width: Int) throws -> ValueID {
        let dims: [Dim] = [.symbol("samples"), .fixed(channels), .fixed(height), .fixed(width)]
        return try edit.addInput(name, type: .tensor(TensorType(.float32, Shape(dims))))
    }

    /// The part's value for a value of the source.
    package func value(for value: ValueID) throws -> ValueID {
        guard let found = values[value] else { throw CalibrationError.notComparable(source[value].name) }
        return found
    }

    package mutating func set(_ value: ValueID, for sourceValue: ValueID) { values[sourceValue] = value }

    /// Copies nodes of the source, with their constants, or others where given.
    package mutating func copy(_ nodes: [NodeID], replacing constants: [ConstantPlace: Tensor] = [:]) throws {
        for id in nodes {
            let node = source[id]
            var inputs: [ValueID?] = []
            for (index, input) in node.inputs.enumerated() {
                let place = ConstantPlace(node: id, input: index)
                guard let tensor = constants[place] else {
                    inputs.append(try input.map { try constantOrValue($0) })
                    continue
                }
                let name = input.map { source[$0].name } ?? "constant"
                let constant = try edit.addInitializer(edit.uniqueName("\(name)/cut"), tensor)
                replacements[place] = constant
                inputs.append(constant)
            }
            let outputs = node.outputs.map { $0.map { edit.uniqueName(source[$0].name) } ?? "" }
            let copy = try edit.addNode(
                node.operatorType, domain: node.domain, name: node.name, inputs: inputs, outputs: outputs,
                attributes: node.attributes)
            for (old, new) in zip(node.outputs, edit.graph[copy].outputs) {
                if let old, let new { values[old] = new }
            }
        }
    }

    private mutating func constantOrValue(_ value: ValueID) throws -> ValueID {
        if let known = values[value] { return known }
        guard let tensor = source[value].constant else {
            throw CalibrationError.notComparable(source[value].name)
        }
        let copy = try edit.addInitializer(edit.uniqueName(source[value].name), tensor)
        values[value] = copy
        return copy
    }

    /// Adds a convolution of the source with other parameters.
    package mutating func addConvolution(
        _ id: NodeID, _ parameters: ConvolutionWeights, on value: ValueID
    ) throws -> ValueID {
        let node = source[id]
        let name = node.output(0).map { source[$0].name } ?? "convolution"
        let weights = try edit.addInitializer(
            edit.uniqueName("\(name)/weight"), Tensor(shape: parameters.shape, parameters.weights))
        let bias = try edit.addInitializer(
            edit.uniqueName("\(name)/bias"), Tensor(shape: [parameters.bias.count], parameters.bias))
        var attributes = node.attributes
        if attributes["group"] != nil { attributes["group"] = .int(Int64(parameters.groups)) }
        return try edit.add(
            "Conv", [value, weights, bias], output: edit.uniqueName(name), attributes: attributes)
    }

    /// Adds a fully connected layer of the source with other parameters.
    package mutating func addLinear(
        _ id: NodeID, _ parameters: ConvolutionWeights, on value: ValueID
    ) throws -> ValueID {
        let name = source[id].output(0).map { source[$0].name } ?? "linear"
        let weights = try edit.addInitializer(
            edit.uniqueName("\(name)/weight"),
            Tensor(shape: [parameters.outputs, parameters.filter], parameters.weights))
        let bias = try edit.addInitializer(edit.uniqueName("\(name)/bias"), Tensor(parameters.bias))
        return try edit.add(
            "Gemm", [value, weights, bias], output: edit.uniqueName(name), attributes: ["transB": .int(1)])
    }

    /// Adds a bias of each sample to a convolution's result.
    mutating func addBias(_ bias: DynamicBias, of features: ValueID, to result: ValueID) throws -> ValueID {
        var value = try add("GlobalAveragePool", [features], "bias/mean")
        for (name, map) in [("bias/features", bias.features), ("bias/response", bias.response)] {
            let weights = try edit.addInitializer(
                edit.uniqueName("\(name)/weight"), Tensor(shape: map.shape, map.weights))
            let offsets = try edit.addInitializer(edit.uniqueName("\(name)/offset"), Tensor(map.bias))
            value = try add("Conv", [value, weights, offsets], name)
        }
        return try add("Add", [result, value], "bias/sum")
    }

    package mutating func add(_ operatorType: String, _ inputs: [ValueID], _ name: String) throws -> ValueID {
        try edit.add(operatorType, inputs, output: edit.uniqueName(name))
    }

    /// A session that computes `outputs`, in that order.
    package func session(
        computing outputs: [ValueID], threads: Int, limits: RunLimits = RunLimits()
    ) throws -> PartSession {
        let names = outputs.map { edit.graph[$0].name }
        let graph = try graph(computing: outputs)
        return PartSession(
            session: graph.outputs.isEmpty
                ? nil
                : try Session(
                    graph, options: SessionOptions(threads: threads, limits: limits)),
            inputs: Set(graph.inputs.map { graph[$0].name }), names: names)
    }

    /// The graph with those of `outputs` that it computes as its own, and with all shapes.
    package func graph(computing outputs: [ValueID]) throws -> Graph {
        var edit = edit
        let computed = Set(outputs).filter { edit.graph[$0].definition != .input }.sorted()
        for output in computed { edit.addOutput(output) }
        return try ShapeInference.infer(try edit.commit())
    }
}

/// A part of a network, ready to run.
package struct PartSession: Sendable {
    /// Nil if all requested values are inputs.
    let session: Session?
    let inputs: Set<String>
    let names: [String]

    /// The requested outputs, in the requested order. Tensors for inputs that the part does not have are
    /// ignored.
    package func run(_ tensors: [String: Tensor]) throws -> [Tensor] {
        let results = try session?.run(tensors.filter { inputs.contains($0.key) }) ?? []
        return try names.map { name in
            guard let tensor = tensors[name] ?? results.first(where: { $0.name == name })?.tensor else {
                throw CalibrationError.notComparable(name)
            }
            return tensor
        }
    }
}
