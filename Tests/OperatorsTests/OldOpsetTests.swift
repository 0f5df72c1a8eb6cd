import GraphIR
import Operators
import TestSupport
import Testing

/// Graphs of opsets 1 to 6, read as graphs of opset 7; whole models are in `torch-tests.txt`.
@Suite struct OldOpsetTests {
    /// A node of an old opset on an input x [2, 3, 4, 5].
    struct Case: Sendable, CustomStringConvertible {
        let type: String
        let opset: Int
        var attributes: KeyValuePairs<String, Attribute> = [:]
        /// The shapes of the further inputs, which are constants unless `isOpen`.
        var inputs: [[Int]] = []
        var isOpen = false
        /// The raised node, or the error.
        let becomes: String

        var description: String { "\(type) at \(opset)" }
    }

    static let raised = [
        Case(type: "Relu", opset: 1, attributes: ["consumed_inputs": .ints([0])], becomes: "Relu(2x3x4x5)"),
        Case(type: "Selu", opset: 1, becomes: "Selu(2x3x4x5) alpha gamma"),
        Case(type: "Add", opset: 6, inputs: [[2, 3, 4, 5]], becomes: "Add(2x3x4x5, 2x3x4x5)"),
        Case(
            type: "Add", opset: 6, attributes: ["broadcast": .int(1)], inputs: [[4, 5]],
            becomes: "Add(2x3x4x5, 4x5)"),
        Case(
            type: "Mul", opset: 3, attributes: ["broadcast": .int(1), "axis": .int(1)], inputs: [[3]],
            becomes: "Mul(2x3x4x5, 3x1x1)"),
        Case(
            type: "Div", opset: 6, attributes: ["broadcast": .int(1), "axis": .int(0)], inputs: [[2, 3]],
            isOpen: true, becomes: "Div(2x3x4x5, 2x3x1x1)"),
        Case(
            type: "Pow", opset: 1, attributes: ["broadcast": .int(1), "axis": .int(2)], inputs: [[4, 5]],
            becomes: "Pow(2x3x4x5, 4x5)"),
        Case(type: "PRelu", opset: 6, inputs: [[3]], becomes: "PRelu(2x3x4x5, 3x1x1)"),
        Case(type: "PRelu", opset: 1, inputs: [[1]], isOpen: true, becomes: "PRelu(2x3x4x5, 1x1x1)"),
        Case(
            type: "Reshape", opset: 4, attributes: ["shape": .ints([0, -1])], becomes: "Reshape(2x3x4x5, 2)"),
        Case(type: "Concat", opset: 1, inputs: [[2, 1, 4, 5]], becomes: "Concat(2x3x4x5, 2x1x4x5) axis"),
        Case(
            type: "Pad", opset: 1, attributes: ["paddings": .ints([0, 0, 1, 1, 0, 0, 1, 1])],
            becomes: "Pad(2x3x4x5) pads"),
        Case(type: "Cast", opset: 1, attributes: ["to": .string("INT64")], becomes: "Cast(2x3x4x5) to"),
        Case(
            type: "Upsample", opset: 1, attributes: ["height_scale": .float(2), "width_scale": .float(3)],
            becomes: "Upsample(2x3x4x5) scales"),
        Case(
            type: "BatchNormalization", opset: 6, attributes: ["is_test": .int(1)],
            inputs: [[3], [3], [3], [3]], becomes: "BatchNormalization(2x3x4x5, 3, 3, 3, 3)"),
        Case(type: "Dropout", opset: 6, attributes: ["is_test": .int(1)], becomes: "Dropout(2x3x4x5)"),
        Case(type: "Sum", opset: 1, inputs: [[2, 3, 4, 5]], becomes: "Sum(2x3x4x5, 2x3x4x5)"),
        Case(
            type: "LpPool", opset: 1, attributes: ["p": .float(2), "kernel_shape": .ints([2, 2])],
            becomes: "LpPool(2x3x4x5) p kernel_shape"),
    ]

    @Test("A node is spelled as at opset 7", arguments: raised)
    func isRespelled(_ test: Case) throws {
        let graph = try OldOpset.raise(try Self.graph(test))
        #expect(graph.opsets.onnx == 7)
        try SchemaCheck.validate(graph)
        let node = try #require(graph.nodes.first { $0.operatorType == test.type })
        let shapes = node.inputs.map { $0.flatMap { graph[$0].shape?.description } ?? "?" }
        let attributes = node.attributes.entries.map { " \($0.name)" }.joined()
        #expect("\(test.type)(\(shapes.joined(separator: ", ")))\(attributes)" == test.becomes)
    }

    static let refused = [
        Case(
            type: "BatchNormalization", opset: 6, inputs: [[3], [3], [3], [3]],
            becomes: "normalises by the statistics of the batch (is_test = 0), as in training; "
                + "export it for inference"),
        Case(
            type: "Dropout", opset: 1, attributes: ["is_test": .int(0)],
            becomes: "drops elements at random (is_test = 0), as in training; export it for inference"),
        Case(
            type: "Add", opset: 6, attributes: ["broadcast": .int(1), "axis": .int(3)], inputs: [[4, 5]],
            becomes: "broadcasts 2 axes from axis 3 on over an input of rank 4; "
                + "convert the model with onnx.version_converter"),
        Case(
            type: "Add", opset: 6, attributes: ["broadcast": .int(1), "axis": .int(.min)], inputs: [[4]],
            becomes: "broadcasts 1 axes from axis -9223372036854775808 on over an input of rank 4; "
                + "convert the model with onnx.version_converter"),
        Case(
            type: "Cast", opset: 5, attributes: ["to": .string("NUMBER")],
            becomes: "casts to no type that is known; convert the model with onnx.version_converter"),
        Case(
            type: "Tile", opset: 5, inputs: [[1], [1]],
            becomes: "repeats along one axis only; convert the model with onnx.version_converter"),
        Case(
            type: "Erf", opset: 6,
            becomes: "exists from opset 9, the model imports opset 6; "
                + "convert the model with onnx.version_converter"),
        Case(
            type: "Crop", opset: 1,
            becomes: "is not known, so that opset 1 cannot be read as opset 7; "
                + "convert the model with onnx.version_converter"),
    ]

    @Test("A node that means something else is named with the reason", arguments: refused)
    func isRefused(_ test: Case) throws {
        let graph = try Self.graph(test)
        let error = #expect(throws: OperatorError.self) { try OldOpset.raise(graph) }
        #expect(error?.description == "node \"node\" (\(test.type)): \(test.becomes)")
    }

    @Test("A graph of opset 7 or later stays as it is")
    func newerOpset() throws {
        let graph = try Self.graph(Case(type: "Dropout", opset: 7, becomes: ""))
        #expect(try OldOpset.raise(graph) == graph)
    }

    private static func graph(_ test: Case) throws -> Graph {
        var builder = GraphBuilder(opset: test.opset)
        var inputs: [ValueID?] = [try builder.input("x", [2, 3, 4, 5])]
        for (position, shape) in test.inputs.enumerated() {
            inputs.append(
                test.isOpen
                    ? try builder.input("c\(position)", shape.map(Dim.fixed))
                    : try builder.weights("c\(position)", shape))
        }
        let attributes = test.attributes.reduce(into: Attributes()) { $0[$1.key] = $1.value }
        let node = try builder.edit.addNode(
            test.type, name: "node", inputs: inputs, outputs: ["y"], attributes: attributes)
        if let output = builder.edit.graph[node].output(0) { builder.edit.addOutput(output) }
        return try builder.edit.commit()
    }
}
