import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

@Suite struct UnlistInitializersTests {
    @Test func onlyInputsWithDefaultsAreUnlisted() throws {
        var builder = GraphBuilder(opset: 9)
        let w = try builder.input("w", [2, 2, 1, 1])
        let x = try builder.input("x", ["N", 2, 4, 4])
        builder.edit.setInitializer(w, try .noise([2, 2, 1, 1], seed: "w"))
        let y = try builder.add("Conv", [x, w], "y")
        let graph = try builder.graph(y)
        let after = try graph.after(UnlistInitializers())
        #expect(after.inputs == [x])
        #expect(after.constant(w) != nil)
        #expect(try UnlistInitializers().run(after) == nil)
    }
}

@Suite struct SumToAddTests {
    @Test("Two inputs make an Add", arguments: [(1, 9, false), (2, 9, true), (3, 9, false), (2, 6, false)])
    func counts(inputs: Int, opset: Int, fires: Bool) throws {
        var builder = GraphBuilder(opset: opset)
        let x = try builder.input("x", [1, 4])
        let y = try builder.add("Sum", [ValueID?](repeating: x, count: inputs), "y")
        let after = try builder.graph(y).after(SumToAdd())
        let operands = [String](repeating: "x", count: inputs).joined(separator: ", ")
        #expect(after.lines == ["\(fires ? "Add" : "Sum")(\(operands)) -> y"])
    }
}

@Suite struct EliminateDeadCodeTests {
    @Test func removesChainsAndInitializers() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 4])
        _ = try builder.input("unread", [1])
        let y = try builder.add("Relu", [x], "y")
        let w = try builder.weight("w", [4])
        let dead = try builder.add("Mul", [x, w], "dead")
        _ = try builder.add("Exp", [dead], "deader")
        let after = try builder.graph(y).after(EliminateDeadCode())
        #expect(after.lines == ["Relu(x) -> y"])
        #expect(after.constantNames.isEmpty)
        #expect(after.inputs.map { after[$0].name } == ["x", "unread"])
        #expect(try EliminateDeadCode().run(after) == nil)
    }

    @Test func keepsWhatSubgraphsRead() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 4])
        let a = try builder.add("Relu", [x], "a")
        let z = try builder.capture(a, in: "z")
        #expect(try EliminateDeadCode().run(try builder.graph(z)) == nil)
    }

    @Test func keepsNodesWithOneLiveOutput() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [4])
        let node = try builder.edit.addNode("Split", inputs: [x], outputs: ["p", "q"])
        let q = try #require(builder.edit.graph[node].output(1))
        #expect(try EliminateDeadCode().run(try builder.graph(q)) == nil)
    }
}
