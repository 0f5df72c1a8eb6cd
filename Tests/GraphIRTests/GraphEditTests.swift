import GraphIR
import Testing

@Suite struct GraphEditTests {
    @Test func startsWithoutChanges() throws {
        let graph = try Chain().edit.commit()
        #expect(!GraphEdit(graph).hasChanges)
        #expect(try GraphEdit(graph).commit() == graph)
    }

    @Test func refusesTakenAndEmptyNames() throws {
        var chain = try Chain()
        #expect(throws: GraphError.duplicateName("x")) { try chain.edit.addInput("x", type: nil) }
        #expect(throws: GraphError.duplicateName("a")) {
            try chain.edit.addInitializer("a", Tensor(scalar: Float(0)))
        }
        #expect(throws: GraphError.duplicateName("y")) {
            try chain.edit.addNode("Neg", inputs: [chain.x], outputs: ["y"])
        }
        #expect(throws: GraphError.duplicateName("")) { try chain.edit.addInput("", type: nil) }
    }

    @Test func findsUnusedNames() throws {
        var chain = try Chain()
        #expect(chain.edit.uniqueName("b") == "b")
        #expect(chain.edit.uniqueName("a") == "a_1")
        _ = try chain.edit.addInput("a_1", type: nil)
        #expect(chain.edit.uniqueName("a") == "a_2")
        #expect(chain.edit.uniqueName("") == "value")
    }

    @Test func renamesButNotWhatSubgraphsRead() throws {
        var chain = try Chain()
        try chain.edit.rename(chain.a, to: "b")
        #expect(chain.edit.graph.value(named: "b")?.id == chain.a)
        #expect(chain.edit.graph.value(named: "a") == nil)
        #expect(throws: GraphError.duplicateName("y")) { try chain.edit.rename(chain.a, to: "y") }
        try chain.edit.addNode("If", inputs: [chain.x], outputs: ["z"], captures: [chain.a])
        #expect(throws: GraphError.capturedName("b")) { try chain.edit.rename(chain.a, to: "c") }
    }

    @Test func removesOnlyWhatIsUnused() throws {
        var chain = try Chain()
        let w = try chain.edit.addInitializer("w", Tensor(scalar: Float(1)))
        #expect(throws: GraphError.stillUsed("x")) { try chain.edit.removeValue(chain.x) }
        #expect(throws: GraphError.stillUsed("a")) { try chain.edit.removeNode(chain.relu) }
        #expect(throws: GraphError.stillUsed("y")) { try chain.edit.removeNode(chain.exp) }
        let dead = try chain.edit.addNode("Neg", inputs: [w], outputs: ["dead"])
        try chain.edit.removeNode(dead)
        try chain.edit.removeValue(w)
        let graph = try chain.edit.commit()
        #expect(!graph.contains(dead))
        #expect(!graph.contains(w))
        #expect(graph.values.map(\.name) == ["x", "a", "y"])
        try GraphCheck.validate(graph)
    }

    @Test func aNodesOutputIsNotRemovedAsAValue() throws {
        var chain = try Chain()
        let dead = try chain.edit.add("Neg", [chain.x], output: "dead")
        #expect(throws: GraphError.stillUsed("dead")) { try chain.edit.removeValue(dead) }
    }

    @Test func removesUnusedInputsAndCapturesFromTheirLists() throws {
        var chain = try Chain()
        let spare = try chain.edit.addInput("spare", type: nil)
        let outer = try chain.edit.addCapture("outer", type: nil)
        try chain.edit.removeValue(spare)
        try chain.edit.removeValue(outer)
        #expect(chain.edit.graph.inputs == [chain.x])
        #expect(chain.edit.graph.captures.isEmpty)
    }

    @Test func setsAndLeavesOutInputs() throws {
        var chain = try Chain()
        let low = try chain.edit.addInitializer("low", Tensor(scalar: Float(0)))
        let high = try chain.edit.addInitializer("high", Tensor(scalar: Float(6)))
        chain.edit.setOperator(chain.relu, "Clip")
        chain.edit.setInput(chain.relu, 2, high)
        #expect(chain.edit.graph.lines[0] == "Clip(x, -, high) -> a")
        chain.edit.setInput(chain.relu, 1, low)
        chain.edit.setInput(chain.relu, 2, nil)
        let graph = try chain.edit.commit()
        #expect(graph.lines[0] == "Clip(x, low) -> a")
        #expect(graph[high].uses.isEmpty)
        try GraphCheck.validate(graph)
    }

    @Test func unlistsInputsThatHaveDefaults() throws {
        var chain = try Chain()
        let w = try chain.edit.addInput("w", type: .tensor(TensorType(.float32, [1])))
        chain.edit.setInitializer(w, Tensor([Float(1)]))
        chain.edit.unlistDefaultedInputs()
        let graph = try chain.edit.commit()
        #expect(graph.signature == [["x"], ["y"]])
        #expect(graph.constant(w) == Tensor([Float(1)]))
        try GraphCheck.validate(graph)
    }

    @Test func aNewInitializersContentsSetItsType() throws {
        var chain = try Chain()
        let w = try chain.edit.addInitializer("w", Tensor([Float(1)]))
        chain.edit.setInitializer(w, Tensor([Int64(1), 2]))
        #expect(chain.edit.graph[w].tensorType == TensorType(.int64, [2]))
    }

    @Test func setsAttributesAndOpsets() throws {
        var chain = try Chain()
        chain.edit.setAttribute(chain.relu, "alpha", .float(0.1))
        chain.edit.setAttribute(chain.relu, "beta", .int(1))
        chain.edit.setAttribute(chain.relu, "alpha", nil)
        chain.edit.setOpset("ai.onnx", 18)
        let graph = try chain.edit.commit()
        #expect(graph[chain.relu].attributes == ["beta": .int(1)])
        #expect(graph.opsets.onnx == 18)
    }

    @Test func leavesOutOutputs() throws {
        var chain = try Chain()
        let node = try chain.edit.addNode("Split", inputs: [chain.x], outputs: ["first", "", "third"])
        let graph = try chain.edit.commit()
        #expect(graph[node].outputs.map { $0 != nil } == [true, false, true])
        #expect(graph[node].output(7) == nil)
        try GraphCheck.validate(graph)
    }

    @Test func leavesOutOutputsThatNothingReads() throws {
        var chain = try Chain()
        let node = try chain.edit.addNode("MaxPool", inputs: [chain.x], outputs: ["p", "indices"])
        let outputs = chain.edit.graph[node].outputs.compactMap { $0 }
        chain.edit.addOutput(outputs[0])
        #expect(throws: GraphError.stillUsed("p")) { try chain.edit.leaveOutOutput(node, 0) }
        try chain.edit.leaveOutOutput(node, 1)
        try chain.edit.leaveOutOutput(node, 7)
        let graph = try chain.edit.commit()
        #expect(graph[node].outputs == [outputs[0]])
        #expect(graph.value(named: "indices") == nil)
        try GraphCheck.validate(graph)
    }
}
