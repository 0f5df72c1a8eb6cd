import GraphIR
import Testing

@Suite struct RewiringTests {
    // MARK: replaceUses

    @Test func replacesEveryUse() throws {
        var chain = try Chain()
        _ = try chain.edit.add("Add", [chain.a, chain.a], output: "sum")
        try chain.edit.replaceUses(of: chain.a, with: chain.x)
        try chain.edit.removeNode(chain.relu)
        let graph = try chain.edit.commit()
        #expect(graph.lines == ["Exp(x) -> y", "Add(x, x) -> sum"])
        #expect(graph[chain.x].useCount == 3)
        try GraphCheck.validate(graph)
    }

    @Test func theReplacementOfAnOutputTakesItsNameAndDescription() throws {
        var chain = try Chain()
        chain.edit.setType(chain.y, row)
        let notes = ValueNotes(
            docString: "scores", denotation: Denotation(type: "TENSOR", axes: ["DATA_BATCH"]))
        chain.edit.setNotes(chain.y, notes)
        try chain.edit.replaceUses(of: chain.y, with: chain.a)
        try chain.edit.removeNode(chain.exp)
        let graph = try chain.edit.commit()
        #expect(graph.lines == ["Relu(x) -> y"])
        #expect(graph.signature == [["x"], ["y"]])
        #expect(graph[chain.a].type == row)
        #expect(graph[chain.a].notes == notes)
        try GraphCheck.validate(graph)
    }

    @Test func anOutputListedTwiceIsReplacedTwice() throws {
        var chain = try Chain()
        chain.edit.addOutput(chain.y)
        try chain.edit.replaceUses(of: chain.y, with: chain.a)
        #expect(chain.edit.graph.outputs == [chain.a, chain.a])
        #expect(chain.edit.graph[chain.a].outputCount == 2)
    }

    @Test("A hundred thousand readers of one value, each an output, are replaced", .timeLimit(.minutes(1)))
    func manyOutputs() throws {
        let count = 100_000
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: nil)
        var pairs: [(inner: ValueID, outer: ValueID)] = []
        for index in 0..<count {
            let inner = try edit.add("Relu", [x], output: "inner\(index)")
            pairs.append((inner, try edit.add("Identity", [inner], output: "outer\(index)")))
        }
        for pair in pairs { edit.addOutput(pair.outer) }
        for pair in pairs { try edit.replaceUses(of: pair.outer, with: pair.inner) }
        #expect(edit.graph.outputs == pairs.map(\.inner))
        #expect(edit.graph[pairs[count - 1].inner].name == "outer\(count - 1)")
        let y = try edit.addInput("y", type: nil)
        try edit.replaceUses(of: x, with: y)
        #expect(edit.graph[y].uses.count == count && edit.graph[x].uses.isEmpty)
    }

    @Test("Each input of a node that reads a hundred thousand values is set", .timeLimit(.minutes(1)))
    func manyInputs() throws {
        let count = 100_000
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: nil)
        let y = try edit.addInput("y", type: nil)
        let node = try edit.addNode("Sum", inputs: Array(repeating: x, count: count), outputs: ["z"])
        for position in 0..<count { edit.setInput(node, position, y) }
        #expect(edit.graph[node].inputs == Array(repeating: y, count: count))
        for position in (1..<count).reversed() { edit.setInput(node, position, nil) }
        #expect(edit.graph[node].inputs == [y] && edit.graph[y].useCount == 1)
    }

    @Test("A graph output is not replaced by what cannot take its name")
    func outputConflicts() throws {
        var chain = try Chain()
        let w = try chain.edit.addInitializer("w", Tensor([Float(1)]))
        for other in [chain.x, w] {
            #expect(!chain.edit.canReplaceUses(of: chain.y, with: other))
            #expect(throws: GraphError.outputConflict("y")) {
                try chain.edit.replaceUses(of: chain.y, with: other)
            }
        }
        var twoOutputs = chain.edit
        twoOutputs.addOutput(chain.a)
        #expect(!twoOutputs.canReplaceUses(of: chain.y, with: chain.a))
        try chain.edit.addNode("If", inputs: [chain.x], outputs: ["z"], captures: [chain.a])
        #expect(!chain.edit.canReplaceUses(of: chain.y, with: chain.a))
    }

    @Test func aCapturedValueIsNotReplaced() throws {
        var chain = try Chain()
        try chain.edit.addNode("If", inputs: [chain.x], outputs: ["z"], captures: [chain.a])
        #expect(throws: GraphError.capturedName("a")) {
            try chain.edit.replaceUses(of: chain.a, with: chain.x)
        }
    }

    // MARK: interpose

    @Test func interposesANodeBelowEveryReader() throws {
        var chain = try Chain()
        chain.edit.addOutput(chain.a)
        let b = try chain.edit.addInitializer("b", Tensor([Float(1)]))
        try chain.edit.addNode("If", inputs: [chain.x], outputs: ["z"], captures: [chain.a])
        let inner = try chain.edit.interpose("Add", after: chain.a, innerName: "a_inner", parameters: [b])
        let graph = try chain.edit.commit()
        #expect(
            graph.lines == [
                "Relu(x) -> a_inner", "Add(a_inner, b) -> a", "Exp(a) -> y", "If(x) -> z",
            ])
        #expect(graph.signature == [["x"], ["y", "a"]])
        #expect(graph[inner].uses.count == 1)
        try GraphCheck.validate(graph)
    }

    @Test func nothingIsInterposedBelowAnInput() throws {
        var chain = try Chain()
        #expect(throws: GraphError.self) {
            try chain.edit.interpose("Neg", after: chain.x, innerName: "b")
        }
        #expect(throws: GraphError.duplicateName("y")) {
            try chain.edit.interpose("Neg", after: chain.a, innerName: "y")
        }
        #expect(try chain.edit.commit().lines == ["Relu(x) -> a", "Exp(a) -> y"])
    }

    // MARK: adopt

    @Test func adoptsTheOutputOfItsFollower() throws {
        var chain = try Chain()
        try chain.edit.addNode("If", inputs: [chain.x], outputs: ["z"], captures: [chain.y])
        try chain.edit.adopt(chain.y, by: chain.relu)
        let graph = try chain.edit.commit()
        #expect(graph.lines == ["Relu(x) -> y", "If(x) -> z"])
        #expect(graph.outputs == [chain.y])
        #expect(graph.value(named: "a") == nil)
        try GraphCheck.validate(graph)
    }

    @Test("Nothing is adopted while something else reads the inner value", arguments: ["output", "reader"])
    func adoptionConflicts(reader: String) throws {
        var chain = try Chain()
        if reader == "output" {
            chain.edit.addOutput(chain.a)
        } else {
            _ = try chain.edit.add("Neg", [chain.a], output: "b")
        }
        #expect(throws: GraphError.stillUsed("a")) { try chain.edit.adopt(chain.y, by: chain.relu) }
    }

    @Test func nothingIsAdoptedFromANodeWithAnotherOutputInUse() throws {
        var edit = GraphEdit(Graph(name: "g", opsets: OpsetImports(onnx: 17)))
        let x = try edit.addInput("x", type: row)
        let a = try edit.add("Relu", [x], output: "a")
        let pair = try edit.addNode("Split", inputs: [a], outputs: ["p", "q"])
        let p = try #require(edit.graph[pair].output(0))
        let q = try #require(edit.graph[pair].output(1))
        edit.addOutput(p)
        edit.addOutput(q)
        let relu = try #require(edit.graph.producer(of: a)?.id)
        #expect(throws: GraphError.stillUsed("q")) { try edit.adopt(p, by: relu) }
    }

    // MARK: replaceNode

    @Test func constantsKeepTheNamesOfTheOutputsTheyReplace() throws {
        var chain = try Chain()
        try chain.edit.addNode("If", inputs: [chain.x], outputs: ["z"], captures: [chain.a])
        try chain.edit.replaceNode(chain.relu, withConstants: [Tensor([Float(1), 2])])
        let graph = try chain.edit.commit()
        #expect(graph.lines == ["Exp(a) -> y", "If(x) -> z"])
        #expect(graph.constant(chain.a) == Tensor([Float(1), 2]))
        #expect(graph[chain.a].tensorType == TensorType(.float32, [2]))
        #expect(graph[chain.x].uses.count == 1)
        try GraphCheck.validate(graph)
    }

    @Test func everyOutputThatIsReadNeedsAConstant() throws {
        var chain = try Chain()
        let split = try chain.edit.addNode("Split", inputs: [chain.x], outputs: ["p", "q"])
        let q = try #require(chain.edit.graph[split].output(1))
        var spare = chain.edit
        try spare.replaceNode(split, withConstants: [Tensor([Float(1)])])
        #expect(spare.graph.value(named: "q") == nil)
        chain.edit.addOutput(q)
        #expect(throws: GraphError.stillUsed("q")) {
            try chain.edit.replaceNode(split, withConstants: [Tensor([Float(1)])])
        }
    }
}
