import Testing

@testable import GraphIR

/// Damages that `GraphEdit` does not allow, done to the storage behind its back.
@Suite struct GraphCheckTests {
    private func damaged(_ damage: (inout Graph, Chain) throws -> Void) throws -> Graph {
        let chain = try Chain()
        var graph = try chain.edit.commit()
        try damage(&graph, chain)
        return graph
    }

    @Test func acceptsAWellFormedGraph() throws { try GraphCheck.validate(try Chain().edit.commit()) }

    @Test func findsTwoValuesOfOneName() throws {
        let graph = try damaged { $0.valueStorage[$1.a.index]?.name = "x" }
        #expect(throws: GraphError.duplicateName("x")) { try GraphCheck.validate(graph) }
    }

    @Test func findsAStaleNameTable() throws {
        let graph = try damaged { graph, chain in graph.valuesByName["ghost"] = chain.a }
        #expect(throws: GraphError.self) { try GraphCheck.validate(graph) }
    }

    @Test func findsNodesInTheWrongOrder() throws {
        let graph = try damaged { graph, _ in graph.order.reverse() }
        #expect(throws: GraphError.danglingName("a", node: "node \"y\" (Exp)")) {
            try GraphCheck.validate(graph)
        }
    }

    @Test func findsAReadOfARemovedValue() throws {
        let graph = try damaged { graph, chain in
            graph.valueStorage[chain.x.index] = nil
            graph.valuesByName["x"] = nil
            graph.inputs = []
        }
        #expect(throws: GraphError.danglingName("(removed)", node: "node \"a\" (Relu)")) {
            try GraphCheck.validate(graph)
        }
    }

    @Test func findsTwoDefinitionsOfAValue() throws {
        let graph = try damaged { graph, chain in graph.nodeStorage[chain.exp.index]?.outputs = [chain.a] }
        #expect(throws: GraphError.duplicateName("a")) { try GraphCheck.validate(graph) }
    }

    @Test func findsAnUndefinedOutput() throws {
        let graph = try damaged { graph, chain in
            graph.nodeStorage[chain.exp.index]?.outputs = []
        }
        #expect(throws: GraphError.danglingName("y", node: "graph \"chain\" outputs")) {
            try GraphCheck.validate(graph)
        }
    }

    @Test func findsStaleUses() throws {
        let uses = try damaged { graph, chain in graph.valueStorage[chain.a.index]?.uses = [] }
        #expect(throws: GraphError.self) { try GraphCheck.validate(uses) }
        let outputs = try damaged { graph, chain in graph.valueStorage[chain.y.index]?.outputPositions = [] }
        #expect(throws: GraphError.self) { try GraphCheck.validate(outputs) }
    }

    @Test func findsAnInitializerWithoutContents() throws {
        let graph = try damaged { graph, chain in
            graph.valueStorage[chain.x.index]?.definition = .initializer
            graph.inputs = []
        }
        #expect(throws: GraphError.self) { try GraphCheck.validate(graph) }
    }

    @Test func findsContentsOfAComputedValue() throws {
        let graph = try damaged { $0.valueStorage[$1.a.index]?.initializer = Tensor([Float(1)]) }
        #expect(throws: GraphError.self) { try GraphCheck.validate(graph) }
    }

    @Test func findsContentsThatContradictTheirType() throws {
        var chain = try Chain()
        let w = try chain.edit.addInput("w", type: .tensor(TensorType(.float32, [3])))
        chain.edit.setInitializer(w, Tensor([Float(1), 2]))
        let graph = try chain.edit.commit()
        #expect(throws: GraphError.self) { try GraphCheck.validate(graph) }
    }

    @Test func findsAListedInputThatIsNone() throws {
        let graph = try damaged { graph, chain in graph.inputs.append(chain.a) }
        #expect(throws: GraphError.self) { try GraphCheck.validate(graph) }
    }

    @Test func looksIntoSubgraphs() throws {
        let bad = try damaged { graph, _ in graph.order.reverse() }
        var chain = try Chain()
        try chain.edit.addNode(
            "If", inputs: [chain.x], outputs: ["z"], attributes: ["then_branch": .graph(bad)])
        let graph = try chain.edit.commit()
        #expect(throws: GraphError.danglingName("a", node: "node \"y\" (Exp)")) {
            try GraphCheck.validate(graph)
        }
    }
}
