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
        let plan = try Self.plan(network, ratio)
        let planned = try #require(plan.conversions.first { $0.entry.stage == stage }).block
        guard case .routedPaper(let form) = planned.form else {
            Issue.record("\(planned.form) is not routed")
            return
        }
        #expect(form.processed == processed)
        #expect(form.hidden == hidden)
        #expect(form.selectorHidden == form.channels / 16)
    }

    @Test("Blocks 1, 3, 5, ... of each stage, whatever its depth")
    func placement() throws {
        let plan = try Self.plan("resnet50", "0.5")
        let places = plan.conversions.map { "\($0.entry.stage).\($0.entry.index)" }
        #expect(places == ["0.1", "1.1", "1.3", "2.1", "2.3", "2.5", "3.1"])
    }

    @Test("All eligible blocks, and blocks by place or name")
    func selections() throws {
        let all = try Self.plan("resnet18", "0.5", .all)
        // The first stage of a basic ResNet neither strides nor widens: its block 0 is eligible.
        #expect(all.conversions.count == 5)
        let named = try Self.plan("resnet18", "0.5", .named(["3.1", "layer1.0"]))
        #expect(named.conversions.map(\.entry.block.scope) == ["/layer1/layer1.0", "/layer4/layer4.1"])
        #expect(throws: ConversionError.unknownBlock("4.0")) {
            try Self.plan("resnet18", "0.5", .named(["4.0"]))
        }
        #expect(throws: ConversionError.blockNotEligible("1.0", .stride(2))) {
            try Self.plan("resnet18", "0.5", .named(["1.0"]))
        }
    }

    @Test(
        "k is rounded down to a multiple, to at least one of it and at most C",
        arguments: [("0.5", 8, 128, nil), ("0.3", 8, 72, 76), ("1/64", 16, 16, 4), ("0.99", 16, 240, 253)])
    func rounding(ratio: String, unit: Int, processed: Int, unrounded: Int?) throws {
        let plan = try Self.plan("resnet50", ratio) { $0.roundTo = unit }
        guard case .routedPaper(let form)? = plan.conversions.first?.block.form else {
            Issue.record("no block is routed")
            return
        }
        #expect(form.processed == processed)
        #expect(form.body.unrounded == unrounded)
    }

    @Test("Ratio 1 and the fixed router")
    func special() throws {
        #expect(try Self.plan("resnet18", "1").conversions.isEmpty)
        let fixed = try Self.plan("resnet18", "0.5") { $0.router = .fixed }
        #expect(fixed.conversions.allSatisfy { !$0.block.form.isRouted })
    }

    private static func plan(
        _ network: String, _ ratio: String, _ blocks: BlockSelection = .alternate,
        _ change: (inout PaperRecipe) -> Void = { _ in }
    ) throws -> MoDPlan {
        let architecture = try #require(Architecture.named(network))
        let model = try NetworkBuilder.build(architecture, BuildOptions(classes: 10, input: [3, 32, 32]))
            .model
        var recipe = PaperRecipe(ratio: try #require(ModRatio(ratio)))
        change(&recipe)
        return try Planner.plan(
            try Pipeline.canonical().run(model.graph), ConversionRequest(.paper(recipe, on: blocks)))
    }
}
