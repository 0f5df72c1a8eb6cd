import GraphIR
import Testing

@Suite struct GraphTests {
    @Test func knowsProducersAndConsumers() throws {
        let chain = try Chain()
        let graph = try chain.edit.commit()
        #expect(graph.producer(of: chain.a)?.id == chain.relu)
        #expect(graph.producer(of: chain.x) == nil)
        #expect(graph.consumers(of: chain.x).map(\.id) == [chain.relu])
        #expect(graph.soleConsumer(of: chain.a)?.id == chain.exp)
        #expect(graph.value(named: "a")?.id == chain.a)
        #expect(graph.value(named: "b") == nil)
    }

    @Test func listsAConsumerThatReadsTwiceOnce() throws {
        var chain = try Chain()
        _ = try chain.edit.add("Add", [chain.a, chain.a], output: "sum")
        let graph = try chain.edit.commit()
        #expect(graph.consumers(of: chain.a).map(\.operatorType) == ["Exp", "Add"])
        #expect(graph[chain.a].useCount == 3)
    }

    @Test(
        "A sole consumer is the only reader of any kind", arguments: ["output", "second", "twice", "capture"])
    func soleConsumer(otherReader: String) throws {
        var chain = try Chain()
        switch otherReader {
        case "output": chain.edit.addOutput(chain.a)
        case "second": _ = try chain.edit.add("Neg", [chain.a], output: "b")
        case "twice": chain.edit.setInput(chain.exp, 1, chain.a)
        default: try chain.edit.addNode("If", inputs: [chain.x], outputs: ["b"], captures: [chain.a])
        }
        #expect(chain.edit.graph.soleConsumer(of: chain.a) == nil)
    }

    @Test func isNotTheSoleConsumerIfItOnlyCaptures() throws {
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: row)
        try edit.addNode("If", inputs: [], outputs: ["b"], captures: [x])
        #expect(edit.graph.soleConsumer(of: x) == nil)
        #expect(edit.graph[x].isCaptured)
    }

    @Test func labelsNodesByNameOrOutput() throws {
        var chain = try Chain()
        let unnamed = try chain.edit.addNode("Neg", inputs: [chain.x], outputs: ["b"])
        let graph = try chain.edit.commit()
        #expect(graph.label(of: graph[chain.relu]) == "node \"a\" (Relu)")
        #expect(graph.label(of: graph[unnamed]) == "node of output \"b\" (Neg)")
    }

    @Test func inputDefaultsAreNotConstants() throws {
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 9)))
        let w = try edit.addInput("w", type: .tensor(TensorType(.float32, [2])))
        let b = try edit.addInitializer("b", Tensor([Float(1), 2]))
        edit.setInitializer(w, Tensor([Float(3), 4]))
        #expect(edit.graph.constant(w) == nil)
        #expect(edit.graph.constant(b) == Tensor([Float(1), 2]))
        #expect(edit.graph.constant(nil) == nil)
        #expect(edit.graph.initializers.map(\.name) == ["w", "b"])
    }

    @Test func copiesAreIndependent() throws {
        let chain = try Chain()
        let before = try chain.edit.commit()
        var edit = GraphEdit(before)
        edit.setOperator(chain.relu, "Sigmoid")
        let after = try edit.commit()
        #expect(before.lines == ["Relu(x) -> a", "Exp(a) -> y"])
        #expect(after.lines == ["Sigmoid(x) -> a", "Exp(a) -> y"])
        #expect(before != after)
    }

    @Test func importsKeepTheFirstVersionOfADomain() {
        let imports = OpsetImports([("ai.onnx", 13), ("", 9), ("com.microsoft", 1)])
        #expect(imports.onnx == 13)
        #expect(imports[""] == 13)
        #expect(imports["com.microsoft"] == 1)
        #expect(imports["ai.onnx.ml"] == nil)
        #expect(imports.entries.map(\.domain) == ["", "com.microsoft"])
    }

    @Test func removesAnImport() {
        var imports = OpsetImports([("", 9), ("a", 1)])
        imports["a"] = nil
        #expect(imports == OpsetImports(onnx: 9))
    }
}
