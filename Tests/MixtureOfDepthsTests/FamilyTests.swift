import GraphIR
import MixtureOfDepths
import Operators
import Passes
import TestSupport
import Testing

/// Blocks of other families than ResNet, and what must not be taken for one.
@Suite struct FamilyTests {
    private func converted(_ name: String) throws -> Converter.Conversion {
        var model = try Fixtures.model(name)
        model.graph = try Pipeline.canonical().run(model.graph)
        let half = try #require(ModRatio("0.5"))
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.paper(PaperRecipe(ratio: half), on: .alternate)))
        return try Converter.apply(plan, to: model, sourceSHA256: nil)
    }

    @Test("Two towers of one backbone go on sharing their weights")
    func siamese() throws {
        let conversion = try converted("torchvision-siamese")
        let graph = conversion.model.graph
        func weights(_ block: EmittedBlock) -> [ValueID] {
            block.nodes.map { graph[$0] }.filter { $0.isOperator("Conv") }
                .flatMap { $0.inputs.dropFirst().compactMap { $0 } }
        }
        let towers = (conversion.blocks.prefix(4), conversion.blocks.suffix(4))
        #expect(conversion.blocks.count == 8)
        for (one, other) in zip(towers.0, towers.1) { #expect(weights(one) == weights(other)) }
        let image = try Tensor(shape: [1, 3, 32, 32], (0..<3072).map { Float(($0 * 31) % 97) / 48 - 1 })
        let outputs = try ReferenceEvaluator.run(graph, inputs: ["input_0": image, "input_1": image])
        #expect(try outputs[0].tensor.elements(of: Float.self).allSatisfy { $0 == 0 })
    }

    @Test("No two blocks share a scope, and so no two new nodes a name", arguments: Fixtures.names)
    func scopes(_ name: String) throws {
        guard try Fixtures.ledger(name).refused == nil else { return }
        let graph = try Pipeline.canonical().run(try Fixtures.model(name).graph)
        let scopes = BlockRecogniser.stages(in: graph).flatMap(\.blocks).map(\.scope)
        #expect(Set(scopes).count == scopes.count)
    }

    @Test("A SiLU after the sum goes with its block", arguments: ["timm-resnet-silu", "timm-resnetd"])
    func finalActivation(_ name: String) throws {
        let conversion = try converted(name)
        for entry in conversion.plan.entries {
            #expect(entry.block.finalActivation.count == (name == "timm-resnetd" ? 1 : 2))
        }
        for block in conversion.blocks {
            let output = try #require(conversion.model.graph.value(named: block.block.values.output))
            #expect(conversion.model.graph.producer(of: output.id)?.operatorType == "Concat")
        }
    }

    @Test("A line of convolutions has blocks, a network that branches has none", arguments: [false, true])
    func plainNetworks(branches: Bool) throws {
        var edit = GraphEdit(Graph(name: "test", opsets: OpsetImports(onnx: 17)))
        var value = try edit.addInput("x", type: .tensor(TensorType(.float32, [1, 4, 8, 8])))
        for index in 0..<3 {
            let weights = try edit.addInitializer(
                "w\(index)", try Tensor(shape: [4, 4, 3, 3], [Float](repeating: 0.1, count: 144)))
            let input = value
            value = try edit.add(
                "Conv", [input, weights], output: "c\(index)", attributes: ["pads": .ints([1, 1, 1, 1])])
            value = try edit.add("Relu", [value], output: "r\(index)")
            if branches, index == 1 {
                let other = try edit.add(
                    "MaxPool", [input], output: "p", attributes: ["kernel_shape": .ints([1, 1])])
                let joined = try edit.add(
                    "Concat", [value, other], output: "j", attributes: ["axis": .int(1)])
                let narrow = try edit.addInitializer(
                    "n", try Tensor(shape: [4, 8, 1, 1], [Float](repeating: 0.1, count: 32)))
                value = try edit.add("Conv", [joined, narrow], output: "m")
            }
        }
        edit.addOutput(value)
        let graph = try ShapeInference.infer(try edit.commit())
        let blocks = BlockRecogniser.stages(in: graph).flatMap(\.blocks)
        #expect(blocks.map(\.kind) == (branches ? [] : [.plain, .plain, .plain]))
        #expect(blocks.allSatisfy { $0.obstacle == nil && $0.shortcut == .none })
    }
}
