import GraphIR
import Testing

@Suite struct TopologicalSortTests {
    @Test func newNodesMoveBeforeTheirFirstReader() throws {
        var chain = try Chain()
        let b = try chain.edit.add("Neg", [chain.a], output: "b")
        chain.edit.setInput(chain.exp, 0, b)
        #expect(try chain.edit.commit().lines == ["Relu(x) -> a", "Neg(a) -> b", "Exp(b) -> y"])
    }

    @Test func aValidOrderStays() throws {
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: row)
        for index in 0..<5 { _ = try edit.add("Relu", [x], output: "v\(4 - index)") }
        let graph = try edit.commit()
        #expect(graph.lines.map { $0.suffix(2) } == ["v4", "v3", "v2", "v1", "v0"])
        #expect(try GraphEdit(graph).commit().order == graph.order)
    }

    @Test func subgraphCapturesOrderNodesToo() throws {
        var chain = try Chain()
        let loop = try chain.edit.addNode("If", inputs: [chain.x], outputs: ["z"])
        let z = try #require(chain.edit.graph[loop].output(0))
        let last = try chain.edit.addNode("Loop", inputs: [], outputs: ["w"], captures: [z])
        let w = try #require(chain.edit.graph[last].output(0))
        chain.edit.setInput(chain.relu, 0, w)
        let graph = try chain.edit.commit()
        #expect(graph.lines.map { $0.prefix { $0 != "(" } } == ["If", "Loop", "Relu", "Exp"])
        try GraphCheck.validate(graph)
    }

    @Test func findsCycles() throws {
        var chain = try Chain()
        chain.edit.setInput(chain.relu, 0, chain.y)
        let edit = chain.edit
        #expect(throws: GraphError.cycle("a")) { try edit.commit() }
    }

    @Test func longChainsNeedNoStack() throws {
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: row)
        let first = try edit.add("Relu", [x], output: "v0")
        var last = first
        for index in 1..<100_000 { last = try edit.add("Relu", [last], output: "v\(index)") }
        let tail = try edit.add("Neg", [x], output: "late")
        let firstNode = try #require(edit.graph.producer(of: first)?.id)
        edit.setInput(firstNode, 0, tail)
        edit.addOutput(last)
        let graph = try edit.commit()
        #expect(graph.lines.first == "Neg(x) -> late")
        #expect(graph.order.count == 100_001)
        try GraphCheck.validate(graph)
    }
}
