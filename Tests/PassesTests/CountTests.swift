import Foundation
import GraphIR
import ONNXFormat
import Operators
import TensorFiles
import TestSupport
import Testing

@testable import Passes

/// The costs of a model, counted in canonical form.
@Suite struct CountTests {
    private static let cases = String(#filePath.split(separator: "/Tests/").first ?? ".") + "/fixtures/cases"

    private static func tensor(_ name: String) throws -> Tensor {
        try #require(try TensorFile.read(path: "\(cases)/\(name).npy").first).tensor
    }

    private static func count(case name: String) throws -> MACCount {
        MACCount(try Pipeline.canonical().run(try ONNXFile.read(path: "\(cases)/\(name).onnx").graph))
    }

    @Test(
        "Multiply-accumulates, parameters and what is left out",
        arguments: [
            // The else branch: 4x2x2 outputs of 18 taps, 2x2x2 of 4; the then branch has 64.
            ("macs_if_branch", 320, 84, nil),
            // Three 1x1 convolutions of 4 channels at 5x5 with the same weights; 3x10 scores of 6 terms.
            ("tied_embedding", 1380, 76, nil),
            ("unknown_operator_described", 3072, 156, "node \"fancy\" (Fancy) not counted"),
            (
                "unknown_operator_undescribed", 768, 156,
                "3 nodes not counted, the first: node \"fancy\" (Fancy)"
            ),
        ] as [(String, Int, Int, String?)])
    func counts(_ name: String, macs: Int, parameters: Int, omission: String?) throws {
        let count = try Self.count(case: name)
        #expect(count.total(.strict) == macs)
        #expect(count.totalParameters == parameters)
        #expect(count.omission?.text == omission)
    }

    @Test(
        "The canonical form computes what onnxruntime does", arguments: ["macs_if_branch", "tied_embedding"])
    func outputs(_ name: String) throws {
        let model = try ONNXFile.read(path: "\(Self.cases)/\(name).onnx")
        let canonical = try Pipeline.canonical().run(model.graph)
        let inputs = try canonical.inputs.reduce(into: [String: Tensor]()) { inputs, id in
            let input = canonical[id].name
            inputs[input] = try Self.tensor("\(name).in_\(input)")
        }
        for (output, tensor) in try ReferenceEvaluator.run(canonical, inputs: inputs) {
            let expected = try Self.tensor("\(name).exp_\(output)")
            #expect(tensor.shape == expected.shape)
            let pairs = zip(try #require(tensor.floats), try #require(expected.floats))
            #expect(pairs.allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) })
        }
    }

    @Test("A module that is called twice stays one, and so do its parameters")
    func sharedModule() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 3])
        let w = try builder.weight("w", [3, 3])
        let first = try builder.add("Transpose", [w], "wt1", ["perm": .ints([1, 0])])
        let second = try builder.add("Transpose", [w], "wt2", ["perm": .ints([1, 0])])
        let y = try builder.add("MatMul", [try builder.add("MatMul", [x, first], "h"), second], "y")
        let canonical = try Pipeline.canonical().run(try builder.graph(y))
        #expect(canonical.lines == ["MatMul(x, wt1) -> h", "MatMul(h, wt1) -> y"])
        #expect(MACCount(canonical).totalParameters == 9)
    }

    @Test("Weights that a layer reads as they are and another transposed count once")
    func tiedAutoencoder() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2, 5])
        let w = try builder.weight("w", [5, 3])
        let code = try builder.add("Gemm", [x, w, try builder.weight("b", [3])], "code")
        let back = try builder.add("Transpose", [w], "back", ["perm": .ints([1, 0])])
        let y = try builder.add("MatMul", [code, back], "y")
        let count = MACCount(try Pipeline.canonical().run(try builder.graph(y)))
        #expect(count.totalParameters == 15 + 3)
        #expect(count.total(.strict) == 2 * 2 * 5 * 3)
    }

    @Test("Quantised weights are parameters, their scales are not")
    func quantizedWeights() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let w = try builder.constant("w", try Tensor(shape: [3, 2, 1, 1], [Int8](repeating: 1, count: 6)))
        let scale = try builder.constant("scale", Tensor(scalar: Float(0.5)))
        let real = try builder.add("DequantizeLinear", [w, scale], "real")
        let y = try builder.add("Conv", [x, real], "y")
        #expect(MACCount(try builder.graph(y)).totalParameters == 6)
        var integers = GraphBuilder()
        let image = try integers.input("x", [1, 2, 4, 4], .uint8)
        let filters = try integers.constant(
            "w", try Tensor(shape: [3, 2, 1, 1], [Int8](repeating: 1, count: 6)))
        let sums = try integers.add("ConvInteger", [image, filters], "sums")
        let count = MACCount(try integers.graph(sums))
        #expect(count.totalParameters == 6)
        #expect(count.total(.strict) == 3 * 16 * 2)
    }

    @Test(
        "Branches use the weights of the graph around them, which count once; a nested If is its larger branch too"
    )
    func nestedBranches() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [.symbol("N"), 4])
        let flag = try builder.input("flag", [], .bool)
        let w = try builder.weight("w", [4, 4])
        let opsets = builder.edit.graph.opsets
        func branch(_ layers: Int, _ inner: Graph? = nil) throws -> Graph {
            var edit = GraphEdit(Graph(name: "branch", opsets: opsets))
            let w = try edit.addCapture("w", type: nil)
            var value = try edit.addCapture("h", type: nil)
            for layer in 0..<layers { value = try edit.add("MatMul", [value, w], output: "m\(layer)") }
            if let inner {
                let flag = try edit.addCapture("flag", type: nil)
                let node = try edit.addNode(
                    "If", inputs: [flag], outputs: ["chosen"],
                    attributes: ["then_branch": .graph(inner), "else_branch": .graph(inner)],
                    captures: [w, value])
                value = try #require(edit.graph[node].output(0))
            }
            edit.addOutput(value)
            return try edit.commit()
        }
        let h = try builder.add("MatMul", [x, w], "h")
        let node = try builder.edit.addNode(
            "If", name: "if", inputs: [flag], outputs: ["y"],
            attributes: [
                "then_branch": .graph(try branch(2)), "else_branch": .graph(try branch(0, try branch(3))),
            ], captures: [w, h, flag])
        let count = MACCount(try builder.graph(try #require(builder.edit.graph[node].output(0))))
        #expect(count.entries.map { $0.count(.strict) } == [16, 48])
        #expect(count.totalParameters == 16)
        #expect(count.text(of: .strict).hasSuffix("If counts as its larger branch"))
    }

    @Test("An If of an unknown operator is not counted, and named")
    func unknownBranch() throws {
        var builder = GraphBuilder()
        let flag = try builder.input("flag", [], .bool)
        let x = try builder.input("x", [1, 2])
        var branch = GraphEdit(Graph(name: "branch", opsets: builder.edit.graph.opsets))
        let captured = try branch.addCapture("x", type: nil)
        branch.addOutput(try branch.add("NoSuchOperator", [captured], output: "b"))
        let subgraph = Attribute.graph(try branch.commit())
        let node = try builder.edit.addNode(
            "If", name: "choice", inputs: [flag], outputs: ["y"],
            attributes: ["then_branch": subgraph, "else_branch": subgraph], captures: [x])
        let count = MACCount(try builder.graph(try #require(builder.edit.graph[node].output(0))))
        #expect(count.omission?.text == "node \"choice\" (If) not counted")
    }
}
