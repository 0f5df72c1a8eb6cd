import GraphIR
import TestSupport
import Testing

@testable import Operators

@Suite struct OpsetUpgradeTests {
    /// A node under an old opset: operator, attributes, constant inputs after the first.
    struct Case: Sendable, CustomStringConvertible {
        let type: String
        let opset: Int
        var attributes: KeyValuePairs<String, Attribute> = [:]
        var inputs: [Tensor] = []
        var outputs = 1
        /// The raised node.
        let becomes: String

        var description: String { "\(type) at \(opset)" }
    }

    static let cases = [
        Case(
            type: "Clip", opset: 7, attributes: ["min": .float(-0.5), "max": .float(0.25)],
            becomes: "Clip(x, c, c)"),
        Case(type: "Clip", opset: 10, attributes: ["max": .float(0)], becomes: "Clip(x, -, c)"),
        Case(type: "Clip", opset: 7, becomes: "Clip(x)"),
        Case(type: "Dropout", opset: 7, attributes: ["ratio": .float(0.25)], becomes: "Dropout(x, c)"),
        Case(
            type: "Pad", opset: 7,
            attributes: ["pads": .ints([0, 0, 1, 0, 0, 0, 2, 1]), "value": .float(-3)],
            becomes: "Pad(x, c, c)"),
        Case(
            type: "Pad", opset: 10,
            attributes: ["pads": .ints([0, 0, 1, 0, 0, 0, 2, 1]), "mode": .string("reflect")],
            becomes: "Pad(x, c)"),
        Case(
            type: "ReduceSum", opset: 11, attributes: ["axes": .ints([1, -1]), "keepdims": .int(0)],
            becomes: "ReduceSum(x, c)"),
        Case(
            type: "Resize", opset: 10, attributes: ["mode": .string("nearest")],
            inputs: [Tensor([1, 1, 2.5, 2] as [Float])], becomes: "Resize(x, c, c)"),
        Case(
            type: "Scatter", opset: 9, attributes: ["axis": .int(1)],
            inputs: [
                (try? Tensor(shape: [1, 1, 1, 2], [2, 3] as [Int64])) ?? Tensor([0] as [Int64]),
                (try? Tensor(shape: [1, 1, 1, 2], [5, 7] as [Float])) ?? Tensor([0] as [Float]),
            ],
            becomes: "ScatterElements(x, c, c)"),
        Case(
            type: "Slice", opset: 7,
            attributes: ["starts": .ints([1, 0]), "ends": .ints([3, -1]), "axes": .ints([1, 3])],
            becomes: "Slice(x, c, c, c)"),
        Case(
            type: "Slice", opset: 9, attributes: ["starts": .ints([0, 1]), "ends": .ints([1, 9])],
            becomes: "Slice(x, c, c)"),
        Case(
            type: "Split", opset: 11, attributes: ["axis": .int(1), "split": .ints([1, 3])], outputs: 2,
            becomes: "Split(x, c)"),
        Case(type: "Hardmax", opset: 11, attributes: ["axis": .int(-1)], becomes: "Hardmax(x)"),
        Case(type: "LogSoftmax", opset: 7, attributes: ["axis": .int(3)], becomes: "LogSoftmax(x)"),
        Case(type: "Softmax", opset: 9, attributes: ["axis": .int(3)], becomes: "Softmax(x)"),
        Case(type: "Squeeze", opset: 7, attributes: ["axes": .ints([0])], becomes: "Squeeze(x, c)"),
        Case(
            type: "TopK", opset: 9, attributes: ["axis": .int(1), "k": .int(2)], outputs: 2,
            becomes: "TopK(x, c)"),
        Case(type: "Unsqueeze", opset: 7, attributes: ["axes": .ints([0, 5])], becomes: "Unsqueeze(x, c)"),
        Case(
            type: "Upsample", opset: 7,
            attributes: ["scales": .floats([1, 1, 2, 3]), "mode": .string("linear")],
            becomes: "Resize(x, c, c)"),
        Case(
            type: "Upsample", opset: 9, attributes: ["mode": .string("nearest")],
            inputs: [Tensor([1, 1, 2, 1.5] as [Float])], becomes: "Resize(x, c, c)"),
        Case(type: "ReduceMax", opset: 7, attributes: ["axes": .ints([2])], becomes: "ReduceMax(x)"),
        Case(type: "Tile", opset: 7, inputs: [Tensor([1, 2, 1, 1] as [Int64])], becomes: "Tile(x, c)"),
    ]

    @Test("A raised node computes the same", arguments: cases)
    func keepsOutputs(_ test: Case) throws {
        let (graph, inputs) = try Self.graph(test)
        for version in 12...13 where version > test.opset {
            let raised = try OpsetUpgrade.raise(graph, to: version).get()
            #expect(raised.opsets.onnx == version)
            try SchemaCheck.validate(try ShapeInference.infer(raised))
            let (before, after) = (
                try ReferenceEvaluator.run(graph, inputs: inputs),
                try ReferenceEvaluator.run(raised, inputs: inputs)
            )
            #expect(before.map(\.name) == after.map(\.name))
            #expect(before.map(\.tensor) == after.map(\.tensor))
            if version == 13 { #expect(Self.line(raised) == test.becomes) }
        }
    }

    @Test func innerGraphsAreRaisedToo() throws {
        var builder = GraphBuilder(opset: 9)
        let x = try builder.input("x", [4])
        let flag = try builder.edit.addInput("flag", type: .tensor(TensorType(.bool, [Int]())))
        var branch = GraphEdit(Graph(name: "branch", opsets: builder.edit.graph.opsets))
        let captured = try branch.addCapture("x", type: builder.edit.graph[x].type)
        branch.addOutput(
            try branch.add(
                "Slice", [captured], output: "s", attributes: ["starts": .ints([1]), "ends": .ints([3])]))
        let subgraph = Attribute.graph(try branch.commit())
        let node = try builder.edit.addNode(
            "If", name: "if", inputs: [flag], outputs: ["y"],
            attributes: ["then_branch": subgraph, "else_branch": subgraph], captures: [x])
        builder.edit.addOutput(try #require(builder.edit.graph[node].output(0)))
        let graph = try builder.edit.commit()
        let raised = try OpsetUpgrade.raise(graph, to: 12).get()
        try SchemaCheck.validate(raised)
        let inputs = ["x": Tensor([1, 2, 3, 4] as [Float]), "flag": Tensor(scalar: true)]
        let result = try ReferenceEvaluator.run(raised, inputs: inputs)
        #expect(try result[0].tensor.elements(of: Float.self) == [2, 3])
    }

    @Test("A row that is one axis stays one", arguments: [[2, 3], [2, 3, 1, 1], [2, 1, 3], [2, 1]])
    func rows(_ shape: [Int]) throws {
        var builder = GraphBuilder(opset: 9)
        let x = try builder.input("x", shape.map(Dim.fixed))
        builder.edit.addOutput(try builder.add("Softmax", [x], "y"))
        let graph = try builder.inferred()
        let raised = try OpsetUpgrade.raise(graph, to: 13).get()
        let count = shape.reduce(1, *)
        let inputs = ["x": try Tensor(shape: shape, (0..<count).map { Float($0 * $0) / 8 })]
        let (before, after) = (
            try ReferenceEvaluator.run(graph, inputs: inputs),
            try ReferenceEvaluator.run(raised, inputs: inputs)
        )
        #expect(before.map(\.tensor) == after.map(\.tensor))
    }

    @Test("A node that would change its meaning is named")
    func obstacles() throws {
        var builder = GraphBuilder(opset: 11)
        let x = try builder.input("x", [2, 3, 4])
        _ = try builder.add("Softmax", [x], "y")
        let graph = try builder.inferred()
        #expect(throws: OpsetUpgrade.Obstacle(node: "node \"y\" (Softmax)")) {
            try OpsetUpgrade.raise(graph, to: 13).get()
        }
        #expect(try OpsetUpgrade.raise(graph, to: 12).get().opsets.onnx == 12)
    }

    @Test("Up to opset 13 every operator can be raised but these")
    func redefined() {
        var found: [String] = []
        for name in OperatorRegistry.names {
            guard let rule = OperatorRegistry.find(domain: "", name) else { continue }
            let versions = OpsetUpgrade.versions(of: rule)
            found += versions.filter { (8...13).contains($0) && $0 != versions.first }
                .filter { OpsetUpgrade.change(name, at: $0) == .redefined }.map { "\(name)-\($0)" }
        }
        #expect(found == ["OneHot-11"])
    }

    // MARK: Graphs

    private static func graph(_ test: Case) throws -> (Graph, inputs: [String: Tensor]) {
        var builder = GraphBuilder(opset: test.opset)
        let shape = [1, 4, 3, 5]
        let x = try builder.input("x", shape.map(Dim.fixed))
        var inputs: [ValueID?] = [x]
        for (position, tensor) in test.inputs.enumerated() {
            inputs.append(try builder.edit.addInitializer("c\(position)", tensor))
        }
        let attributes = test.attributes.reduce(into: Attributes()) { $0[$1.key] = $1.value }
        let node = try builder.edit.addNode(
            test.type, name: "node", inputs: inputs, outputs: (0..<test.outputs).map { "y\($0)" },
            attributes: attributes)
        for case let output? in builder.edit.graph[node].outputs { builder.edit.addOutput(output) }
        let graph = try ShapeInference.infer(try builder.edit.commit())
        try SchemaCheck.validate(graph)
        let values = (0..<60).map { Float(($0 * 37) % 60) / 30 - 1 }
        return (graph, ["x": try Tensor(shape: shape, values)])
    }

    private static func line(_ graph: Graph) -> String {
        let node = graph.nodes.first { _ in true }
        let inputs = node?.inputs.map { input in
            input.map { graph[$0].constant == nil ? graph[$0].name : "c" } ?? "-"
        }
        return "\(node?.operatorType ?? "")(\(inputs?.joined(separator: ", ") ?? ""))"
    }
}
