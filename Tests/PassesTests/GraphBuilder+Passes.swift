import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

extension GraphBuilder {
    /// A constant of seeded values between -1 and 1.
    mutating func weight(_ name: String, _ shape: [Int]) throws -> ValueID {
        try edit.addInitializer(name, .noise(shape, seed: name))
    }

    mutating func constant(_ name: String, _ tensor: Tensor) throws -> ValueID {
        try edit.addInitializer(name, tensor)
    }

    /// BatchNormalization with seeded parameters named after `output`.
    mutating func batchNormalization(
        _ input: ValueID, channels: Int, _ output: String, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        let scale = try weight("\(output).scale", [channels])
        let shift = try weight("\(output).shift", [channels])
        let mean = try weight("\(output).mean", [channels])
        let variance = try constant(
            "\(output).var", Tensor((0..<channels).map { Float(0.5) + Float($0) }))
        return try add("BatchNormalization", [input, scale, shift, mean, variance], output, attributes)
    }

    /// An If whose branches both read `value` by its name and hand it on.
    mutating func capture(_ value: ValueID, in output: String) throws -> ValueID {
        var branch = GraphEdit(Graph(name: "branch", opsets: edit.graph.opsets))
        let captured = try branch.addCapture(edit.graph[value].name, type: edit.graph[value].type)
        branch.addOutput(try branch.add("Identity", [captured], output: "handed_on"))
        let subgraph = Attribute.graph(try branch.commit())
        let flag = try edit.addInitializer(edit.uniqueName("flag"), Tensor(scalar: true))
        let node = try edit.addNode(
            "If", name: output, inputs: [flag], outputs: [output],
            attributes: ["then_branch": subgraph, "else_branch": subgraph], captures: [value])
        return try #require(edit.graph[node].output(0))
    }

    /// The graph with these outputs, all shapes inferred. (Mutating, so that arguments may add nodes.)
    mutating func graph(_ outputs: ValueID...) throws -> Graph { try graph(outputs) }

    mutating func graph(_ outputs: [ValueID]) throws -> Graph {
        var edit = edit
        for output in outputs { edit.addOutput(output) }
        return try ShapeInference.infer(try edit.commit())
    }
}

extension Tensor {
    /// Floats between -1 and 1 that depend on `seed` only.
    static func noise(_ shape: [Int], seed: String) throws -> Tensor {
        var state = seed.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        let count = try #require(Shape.elementCount(of: shape))
        let values = (0..<count).map { _ -> Float in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int64(state >> 40) - (1 << 23)) / Float(1 << 23)
        }
        return try Tensor(shape: shape, values)
    }
}

extension Graph {
    /// The nodes in order, each as `Operator(inputs) -> outputs`.
    var lines: [String] {
        nodes.map { node in
            func names(_ ids: [ValueID?]) -> String {
                ids.map { $0.map { self[$0].name } ?? "-" }.joined(separator: ", ")
            }
            return "\(node.operatorType)(\(names(node.inputs))) -> \(names(node.outputs))"
        }
    }

    /// The names of the constants, sorted.
    var constantNames: [String] { values.filter { $0.constant != nil }.map(\.name).sorted() }

    func constant(named name: String) -> Tensor? { value(named: name)?.constant }

    /// The first node of that operator.
    func node(_ type: String) throws -> Node { try #require(nodes.first { $0.isOperator(type) }) }

    /// The graph after `pass`, which must be valid; the graph itself if the pass did not fire.
    func after(_ pass: any Pass) throws -> Graph {
        guard let changed = try pass.run(self) else { return self }
        let typed = try ShapeInference.infer(changed)
        try SchemaCheck.validate(typed)
        return typed
    }
}

/// `"N"` is a symbol, `"?"` an unknown extent.
extension Dim: ExpressibleByStringLiteral {
    public init(stringLiteral value: String) { self = value == "?" ? .unknown : .symbol(value) }
}
