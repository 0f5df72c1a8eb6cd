import GraphIR
import Operators
import TestSupport
import Testing

@testable import Passes

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
