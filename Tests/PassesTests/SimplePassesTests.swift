import GraphIR
import Operators
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
}

@Suite struct PipelineTests {
    /// Renames Relu to Sigmoid and back, for ever.
    struct Flip: LocalPass {
        let name = "flip"
        let summary = "Never comes to rest."
        func rewrite(_ node: Node, _ edit: inout GraphEdit) {
            edit.setOperator(node.id, node.isOperator("Relu") ? "Sigmoid" : "Relu")
        }
    }

    /// Leaves a node that contradicts its operator.
    struct Break: LocalPass {
        let name = "break"
        let summary = "Gives Relu a second input."
        func rewrite(_ node: Node, _ edit: inout GraphEdit) { edit.setInput(node.id, 1, node.input(0)) }
    }

    struct Fail: LocalPass {
        let name = "fail"
        let summary = "Cannot."
        func rewrite(_ node: Node, _ edit: inout GraphEdit) throws {
            throw GraphError.duplicateName("x")
        }
    }

    private func relu() throws -> Graph {
        var builder = GraphBuilder()
        let y = try builder.add("Relu", [try builder.input("x", ["N", 4])], "y")
        return try builder.graph(y)
    }

    @Test func stopsAtTheRoundLimit() throws {
        let result = try Pipeline([Flip()]).runRecording(try relu())
        #expect(!result.isFixedPoint)
        #expect(result.changes.count == Pipeline.roundLimit)
    }

    @Test func recordsWhatChanged() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 4])
        let y = try builder.add("Relu", [try builder.add("Identity", [x], "a")], "y")
        let result = try Pipeline.canonical().runRecording(try builder.graph(y), validating: true)
        #expect(result.isFixedPoint)
        #expect(
            result.changes == [
                PipelineResult.Change(pass: "remove-identity", round: 1, nodesBefore: 2, nodesAfter: 1)
            ])
        #expect(try Pipeline.canonical().runRecording(result.graph).changes.isEmpty)
    }

    @Test func validationNamesThePass() throws {
        let error = #expect(throws: PassError.self) {
            try Pipeline([Break()]).run(try relu(), validating: true)
        }
        #expect(error?.pass == "break")
        #expect(error?.description.contains("pass break: node \"y\" (Relu): has 2 inputs, needs 1") == true)
    }

    @Test func errorsNameThePassAndTheNode() throws {
        let error = #expect(throws: PassError.self) { try Pipeline([Fail()]).run(try relu()) }
        #expect(
            error?.description
                == "node \"y\" (Relu): pass fail: value \"x\": the name is defined twice; export the model again"
        )
    }

    @Test func outputsKeepTheirDeclaredTypes() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 4])
        let y = try builder.add("Relu", [try builder.add("Identity", [x], "a")], "y")
        let declared = ValueType.tensor(TensorType(.float32, Shape(["batch_out", .unknown])))
        builder.edit.setType(y, declared)
        builder.edit.addOutput(y)
        let after = try Pipeline.canonical().run(try builder.edit.commit())
        #expect(after[y].type == declared)
    }

    @Test func namesAreUniqueAndSummariesAreSentences() {
        for policy in BatchNormalizationPolicy.allCases {
            let passes = Pipeline.canonical(batchNormalization: policy).passes
            #expect(Set(passes.map(\.name)).count == passes.count)
            #expect(passes.allSatisfy { $0.summary.hasSuffix(".") && !$0.summary.contains("\n") })
        }
    }
}
