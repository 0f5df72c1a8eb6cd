import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

@Suite struct FixInputShapesTests {
    /// x [N,3,H,W] -> Conv -> Relu -> y, declared [M,4,?,?].
    private func graph() throws -> Graph {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3, "H", "W"])
        let w = try builder.weight("w", [4, 3, 3, 3])
        let y = try builder.add("Relu", [try builder.add("Conv", [x, w], "conv")], "y")
        builder.edit.addOutput(
            y, declared: .tensor(TensorType(.float32, Shape(["M", 4, .unknown, .unknown]))))
        return try ShapeInference.infer(try builder.edit.commit())
    }

    private func fixed(_ shapes: String...) throws -> Graph {
        try graph().after(FixInputShapes(try shapes.map { try #require(InputShape($0)) }))
    }

    private func shape(_ graph: Graph, _ name: String) -> String? {
        graph.value(named: name)?.signatureType?.tensor?.shape?.description
    }

    @Test("Every value follows", arguments: ["x=1x3x9x7", "1x3x9x7"])
    func everyValueFollows(_ text: String) throws {
        let after = try fixed(text)
        #expect(shape(after, "x") == "1x3x9x7")
        #expect(shape(after, "conv") == "1x4x7x5")
        #expect(shape(after, "y") == "1x4x7x5")
        let again = FixInputShapes([try #require(InputShape(text))])
        #expect(try again.run(after) == nil)
    }

    @Test func aSymbolStaysOpen() throws {
        let after = try fixed("x=batchx3x9x7")
        #expect(shape(after, "x") == "batchx3x9x7")
        #expect(shape(after, "conv") == "batchx4x7x5")
    }

    /// Two inputs whose batch has no name, as the reader takes them: one symbol, which the signature does not
    /// show.
    private func unnamed() throws -> Graph {
        var builder = GraphBuilder()
        var values: [ValueID] = []
        for name in ["a", "b"] {
            let input = try builder.input(name, ["batch", 4])
            builder.edit.setDeclaredType(input, .tensor(TensorType(.float32, Shape(["?", 4]))))
            values.append(try builder.add("Relu", [input], "\(name)_relu"))
        }
        return try builder.graph(values)
    }

    @Test(
        "A batch without a name is shared until the inputs get different ones",
        arguments: [
            (["a=2x4"], [2, 2]), (["a=2x4", "b=2x4"], [2, 2]), (["a=2x4", "b=7x4"], [2, 7]),
            (["a=Nx4"], ["N", "N"]),
        ] as [([String], [Dim])])
    func unnamedBatch(shapes: [String], batches: [Dim]) throws {
        let graph = try unnamed().after(FixInputShapes(try shapes.map { try #require(InputShape($0)) }))
        for (name, batch) in zip(["a_relu", "b_relu"], batches) {
            #expect(graph.value(named: name)?.shape == Shape([batch, 4]))
        }
        if shapes != ["a=Nx4"] {
            #expect(graph.inputs.map { graph[$0].signatureType?.tensor?.shape?[0] } == batches)
        }
    }

    @Test func withoutShapesNothingChanges() throws { #expect(try FixInputShapes([]).run(graph()) == nil) }

    @Test(
        "A shape that the input cannot have names its reason",
        arguments: [
            ("z=1x3x9x7", "the model has no input \"z\""),
            ("x=1x3x9", "input \"x\" is declared Nx3xHxW, with 4 extents"),
            ("x=1x4x9x7", "input \"x\" is declared Nx3xHxW, which fixes 3"),
        ])
    func refusesOthers(_ text: String, _ problem: String) throws {
        let error = #expect(throws: InputShapeError.self) { try fixed(text) }
        #expect(error?.problem == problem)
    }

    @Test func refusesTwoShapesForOneInput() throws {
        let error = #expect(throws: InputShapeError.self) { try fixed("x=1x3x9x7", "1x3x9x7") }
        #expect(error?.problem == "input \"x\" is given twice")
    }

    @Test func refusesTwoExtentsForOneSymbol() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", "N"])
        let graph = try builder.graph(try builder.add("Relu", [x], "y"))
        let pass = FixInputShapes([try #require(InputShape("x=2x3"))])
        let error = #expect(throws: InputShapeError.self) { try pass.run(graph) }
        #expect(error?.problem == "N would have two extents")
    }

    @Test(
        "What is no shape",
        arguments: ["", "x=", "=1x3", "0x3", "-1x3", "1xx3", "1x3x", "1x 3", "+1", "1x2.5"])
    func refusesText(_ text: String) { #expect(InputShape(text) == nil) }

    @Test("A shape reads back as it is written", arguments: ["1x3x224x224", "a=b=Nx3x_hx9", "x=1"])
    func readsBack(_ text: String) { #expect(InputShape(text)?.description == text) }
}
