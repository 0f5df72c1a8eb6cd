import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

@Suite struct FoldConstantsTests {
    @Test func foldsChainsUnderTheirNames() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [2])
        let w = try builder.constant("w", Tensor([Float(-1), 2, 3]))
        let picks = try builder.constant("picks", Tensor([Int64(0), -1]))
        let positive = try builder.add("Relu", [w], "positive")
        let picked = try builder.add("Gather", [positive, picks], "picked")
        let y = try builder.add("Add", [x, picked], "y")
        let z = try builder.capture(picked, in: "z")
        let after = try builder.graph(y, z).after(FoldConstants())
        #expect(after.lines == ["Add(x, picked) -> y", "If(flag) -> z"])
        #expect(after.constant(named: "picked") == Tensor([Float(0), 3]))
        #expect(try FoldConstants().run(after) == nil)
    }

    @Test func graphOutputsStayComputed() throws {
        var builder = GraphBuilder()
        let w = try builder.constant("w", Tensor([Float(-1), 2, 3]))
        let y = try builder.add("Relu", [w], "y")
        #expect(try FoldConstants().run(try builder.graph(y)) == nil)
    }

    @Test func inputsAndOverridableDefaultsAreNotConstant() throws {
        var builder = GraphBuilder()
        let w = try builder.input("w", [3])
        builder.edit.setInitializer(w, Tensor([Float(1), 2, 3]))
        let y = try builder.add("Relu", [try builder.add("Relu", [w], "a")], "y")
        #expect(try FoldConstants().run(try builder.graph(y)) == nil)
    }

    @Test func whatCannotBeEvaluatedStays() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1])
        let w = try builder.constant("w", Tensor([Float(1)]))
        let far = try builder.constant("far", Tensor([Int64(7)]))
        let a = try builder.add("Gather", [w, far], "a")
        let y = try builder.add("Add", [x, a], "y")
        #expect(try FoldConstants().run(try builder.graph(y)) == nil)
    }

    @Test func nodesWithSubgraphsAndUnknownOperatorsStay() throws {
        var builder = GraphBuilder()
        let w = try builder.constant("w", Tensor([Float(1)]))
        let a = try builder.capture(w, in: "a")
        let b = try builder.add("NoSuchOperator", [w], "b")
        let y = try builder.add("Add", [a, b], "y")
        #expect(try FoldConstants().run(try builder.graph(y)) == nil)
    }

    @Test func multipleOutputsAreFoldedTogether() throws {
        var builder = GraphBuilder()
        let w = try builder.constant("w", Tensor([Float(1), 2, 3, 4]))
        let split = try builder.edit.addNode(
            "Split", inputs: [w], outputs: ["p", "q"], attributes: ["axis": .int(0)])
        let (p, q) = (builder.edit.graph[split].output(0), builder.edit.graph[split].output(1))
        let x = try builder.input("x", [2])
        let y = try builder.add("Add", [try builder.add("Add", [x, p], "a"), q], "y")
        let after = try builder.graph(y).after(FoldConstants())
        #expect(after.constant(named: "p") == Tensor([Float(1), 2]))
        #expect(after.constant(named: "q") == Tensor([Float(3), 4]))
    }

    @Test(
        "Constants become initialisers of their own kind",
        arguments: [
            ("value_float", Attribute.float(0.5), Tensor(scalar: Float(0.5))),
            ("value_ints", .ints([1, 2]), Tensor([Int64(1), 2])),
            ("value", .tensor(Tensor([Float(3)])), Tensor([Float(3)])),
        ])
    func constants(attribute: String, value: Attribute, expected: Tensor) throws {
        var builder = GraphBuilder()
        var attributes = Attributes()
        attributes[attribute] = value
        let c = try builder.add("Constant", [], "c", attributes)
        let y = try builder.add("Identity", [c], "y")
        let after = try builder.graph(y).after(ConstantsToInitializers())
        #expect(after.lines == ["Identity(c) -> y"])
        #expect(after.constant(named: "c") == expected)
    }

    @Test func shapesOfConstantsAreFilled() throws {
        var builder = GraphBuilder(opset: 9)
        let shape = try builder.constant("shape", Tensor([Int64(2), 1, 3, 3]))
        let w = try builder.add("ConstantOfShape", [shape], "w", ["value": .tensor(Tensor([Float(0.02)]))])
        let y = try builder.add("Conv", [try builder.input("x", [1, 1, 5, 5]), w], "y")
        let after = try builder.graph(y).after(ConstantsToInitializers())
        #expect(after.constant(named: "w")?.floats == [Float](repeating: 0.02, count: 18))
    }

    @Test(
        "A size that no file could hold stays computed",
        arguments: [
            [Int64(1) << 20, 1 << 20], [1 << 40, 1 << 40], [1 << 30, 1],
        ])
    func tooLarge(shape: [Int64]) throws {
        var builder = GraphBuilder(opset: 9)
        let w = try builder.add("ConstantOfShape", [try builder.constant("shape", Tensor(shape))], "w")
        let y = try builder.add("Relu", [w], "y")
        let graph = try builder.edit.commitWithOutput(y)
        #expect(try ConstantsToInitializers().run((try? ShapeInference.infer(graph)) ?? graph) == nil)
    }
}
