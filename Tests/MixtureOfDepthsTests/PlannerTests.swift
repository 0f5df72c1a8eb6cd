import GraphIR
import MixtureOfDepths
import ModelZoo
import Passes
import Testing

@Suite struct PlannerTests {
    @Test(
        "Widths of shrunk bodies: the paper's k -> k/4 -> k, and what its examples leave open",
        arguments: [
            // The paper's example: 1024 channels, c = 64.
            ("resnet50", "1/64", 2, 16, [4, 4]), ("resnet50", "1/64", 0, 4, [1, 1]),
            ("resnet50", "0.5", 3, 1024, [256, 256]), ("resnet50", "1/1000", 0, 1, [1, 1]),
            ("resnet34", "0.5", 1, 64, [64]), ("resnet34", "1/64", 3, 8, [8]),
            ("resnet34", "0.3", 0, 19, [19]),
        ])
    func shapes(network: String, ratio: String, stage: Int, processed: Int, hidden: [Int]) throws {
        let plan = try Self.plan(network, ConversionOptions(ratio: try #require(ModRatio(ratio))))
        let shape = try #require(plan.conversions.first { $0.entry.stage == stage }).shape
        #expect(shape.processed == processed)
        #expect(shape.hidden == hidden)
        #expect(shape.selectorHidden == shape.channels / 16)
    }

    @Test("Blocks 1, 3, 5, ... of each stage, whatever its depth")
    func placement() throws {
        let plan = try Self.plan("resnet50", ConversionOptions(ratio: try #require(ModRatio("0.5"))))
        let places = plan.conversions.map { "\($0.entry.stage).\($0.entry.index)" }
        #expect(places == ["0.1", "1.1", "1.3", "2.1", "2.3", "2.5", "3.1"])
    }

    @Test("All eligible blocks, and blocks by place or name")
    func selections() throws {
        let half = try #require(ModRatio("0.5"))
        let all = try Self.plan("resnet18", ConversionOptions(ratio: half, blocks: .all))
        // The first stage of a basic ResNet neither strides nor widens: its block 0 is eligible.
        #expect(all.conversions.count == 5)
        let named = try Self.plan(
            "resnet18", ConversionOptions(ratio: half, blocks: .named(["3.1", "layer1.0"])))
        #expect(named.conversions.map(\.entry.block.scope) == ["/layer1/layer1.0", "/layer4/layer4.1"])
        #expect(throws: ConversionError.unknownBlock("4.0")) {
            try Self.plan("resnet18", ConversionOptions(ratio: half, blocks: .named(["4.0"])))
        }
        #expect(throws: ConversionError.blockNotEligible("1.0", .stride(2))) {
            try Self.plan("resnet18", ConversionOptions(ratio: half, blocks: .named(["1.0"])))
        }
    }

    @Test(
        "k is rounded down to a multiple, to at least one of it and at most C",
        arguments: [("0.5", 8, 128, nil), ("0.3", 8, 72, 76), ("1/64", 16, 16, 4), ("0.99", 16, 240, 253)])
    func rounding(ratio: String, unit: Int, processed: Int, unrounded: Int?) throws {
        let options = ConversionOptions(ratio: try #require(ModRatio(ratio)), roundTo: unit)
        let shape = try #require(try Self.plan("resnet50", options).conversions.first).shape
        #expect(shape.processed == processed)
        #expect(shape.unrounded == unrounded)
    }

    @Test("Ratio 1 and the fixed router")
    func special() throws {
        let one = try Self.plan("resnet18", ConversionOptions(ratio: try #require(ModRatio("1"))))
        #expect(one.conversions.isEmpty)
        let fixed = try Self.plan(
            "resnet18", ConversionOptions(ratio: try #require(ModRatio("0.5")), router: .fixed))
        #expect(fixed.conversions.allSatisfy { $0.shape.selectorHidden == nil })
    }

    private static func plan(_ network: String, _ options: ConversionOptions) throws -> MoDPlan {
        let architecture = try #require(Architecture.named(network))
        let model = try NetworkBuilder.build(architecture, BuildOptions(classes: 10, input: [3, 32, 32]))
            .model
        return try Planner.plan(try Pipeline.canonical().run(model.graph), options)
    }
}
