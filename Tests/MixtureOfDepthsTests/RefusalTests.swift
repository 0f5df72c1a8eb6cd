import Foundation
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import TestSupport
import Testing

/// A conversion that converts nothing says the true reason in one line.
@Suite struct RefusalTests {
    private func plan(
        _ name: String, _ blocks: BlockSelection = .alternate,
        change: (inout GraphEdit) throws -> Void = { _ in }
    ) throws -> (plan: MoDPlan, graph: Graph) {
        var edit = GraphEdit(try ONNXFile.read(path: Repository.path("fixtures/cases/\(name).onnx")).graph)
        try change(&edit)
        let graph = try Pipeline.canonical().run(try edit.commit())
        let ratio = try #require(ModRatio("0.5"))
        return (
            try Planner.plan(graph, ConversionRequest(.paper(PaperRecipe(ratio: ratio), on: blocks))), graph
        )
    }

    @Test("The only block, which the placement leaves, is named")
    func singleBlock() throws {
        let (plan, graph) = try plan("single_block")
        #expect(plan.leavesAll)
        #expect(
            ConversionError.nothing(in: plan, graph).description
                == "--blocks alternate leaves the only residual block that can be converted (/Add_24); "
                + "add --blocks all, or name blocks, as in --blocks 0.0")
        #expect(try self.plan("single_block", .all).plan.conversions.count == 1)
    }

    @Test("BatchNormalization in training mode")
    func trainingMode() throws {
        let (plan, graph) = try plan("bn_training_resnet", .all)
        #expect(plan.leavesAll)
        #expect(
            ConversionError.nothing(in: plan, graph)
                == .trainingMode("node \"/BatchNormalization_15\" (BatchNormalization)"))
    }

    @Test("Before opset 14 BatchNormalization that trains has more outputs than one")
    func trainingModeOfOldOpsets() throws {
        let (plan, graph) = try plan("bn_training_resnet", .all) { edit in
            edit.setOpset("", 13)
            for node in edit.graph.nodes { edit.setAttribute(node.id, "training_mode", nil) }
        }
        guard case .trainingMode = ConversionError.nothing(in: plan, graph) else {
            Issue.record("\(ConversionError.nothing(in: plan, graph))")
            return
        }
    }

    @Test("Dropout in training mode")
    func dropout() throws {
        let (plan, graph) = try plan("single_block", .all) { edit in
            let relu = try #require(edit.graph.nodes.first { $0.name == "/Relu_16" }?.output(0))
            let ratio = try edit.addInitializer("ratio", Tensor(scalar: Float(0.5)))
            let mode = try edit.addInitializer(
                "mode", Tensor(.bool, shape: [], bytes: ByteRegion([UInt8(1)])))
            _ = try edit.interpose("Dropout", after: relu, innerName: "kept", parameters: [ratio, mode])
        }
        guard case .trainingMode(let node) = ConversionError.nothing(in: plan, graph) else {
            Issue.record("\(ConversionError.nothing(in: plan, graph))")
            return
        }
        #expect(node.contains("Dropout"))
    }
}
