import GraphIR
import Operators
import Testing

@testable import Runtime

/// A graph with nodes that cannot be run is run as far as they allow.
@Suite struct ReachTests {
    /// x -> Relu "a" -> TYPE "b" -> Relu "c", and x -> Neg "d"; "c" and "d" are the outputs.
    private func network(_ type: String) throws -> Graph {
        var builder = TestGraph()
        let x = try builder.input("x", TensorType(.float32, Shape([2, 3])))
        let a = try builder.add("Relu", [x], named: "a")
        let b = try builder.add(type, [a], named: "b")
        let c = try builder.add("Relu", [b], named: "c")
        let d = try builder.add("Neg", [x], named: "d")
        return try builder.graph(outputs: [c, d])
    }

    @Test func allOfAKnownGraphIsReached() throws {
        let reach = Reach(try network("Exp"))
        #expect(reach.boundary == nil)
        #expect(["x", "a", "b", "c", "d"].allSatisfy(reach.reaches))
        #expect(!reach.reaches("no such value"))
    }

    @Test func whatDependsOnAnUnknownOperatorIsNot() throws {
        let reach = Reach(try network("Unheard"))
        #expect(["x", "a", "b", "c", "d"].filter(reach.reaches) == ["x", "a", "d"])
        #expect(reach.boundary?.problem == "no kernel")
        #expect(reach.boundary?.node.hasSuffix("(Unheard)") == true)
    }

    @Test func theNodeOfAnErrorIsGivenUpOnce() throws {
        let graph = try network("Exp")
        var reach = Reach(graph)
        let node = try #require(graph.nodes.first { $0.isOperator("Exp") })
        let label = graph.label(of: node)
        #expect(reach.giveUp(after: OperatorError(.limit, node: label, "too much")) == nil)
        #expect(reach.giveUp(after: OperatorError(.shape, node: "another", "does not fit")) == nil)
        #expect(reach.giveUp(after: OperatorError(.shape, node: label, "does not fit"))?.id == node.id)
        #expect(reach.giveUp(after: OperatorError(.shape, node: label, "does not fit")) == nil)
        #expect(["a", "b", "c", "d"].filter(reach.reaches) == ["a", "d"])
        #expect(reach.boundary?.text == "\(label): does not fit")
    }

    @Test func aSessionComputesTheOutputsThatItIsAskedFor() throws {
        let graph = try network("Unheard")
        #expect(throws: RuntimeError.self) { try Session(graph) }
        let session = try Session(graph, options: SessionOptions(outputs: ["d"]))
        let x = try Tensor(shape: [2, 3], [Float](arrayLiteral: 1, -2, 3, -4, 5, -6))
        #expect(try session.run(["x": x]).map(\.name) == ["d"])
        let tapped = try session.run(["x": x], taps: ["a", "d"])
        #expect(tapped.map(\.name) == ["d", "a", "d"])
        #expect(try tapped[1].tensor.elements(of: Float.self) == [1, 0, 3, 0, 5, 0])
        #expect(tapped[0].tensor == tapped[2].tensor)
        #expect(throws: RuntimeError.self) { try session.run(["x": x], taps: ["c"]) }
        #expect(throws: RuntimeError.unknownTap("y")) {
            try Session(graph, options: SessionOptions(outputs: ["y"]))
        }
        let none = try Session(graph, options: SessionOptions(outputs: []))
        #expect(try none.run(["x": x]).isEmpty)
    }
}
