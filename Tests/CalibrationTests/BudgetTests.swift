import GraphIR
import MixtureOfDepths
import Operators
import Testing

@testable import Calibration

@Suite struct BudgetTests {
    @Test("The allocation is the best of all combinations", arguments: [10, 60, 100, 130])
    func allocation(saving: Int) throws {
        var generator = SeededGenerator(seed: 5, stream: "allocation")
        let blocks = (0..<4).map { _ in
            [Allocation.Option(saved: 0, loss: 0)]
                + (1...4).map { _ in
                    Allocation.Option(saved: Int(60 * generator.unit()), loss: generator.unit())
                }
        }
        let chosen = try #require(Allocation.choose(blocks, saving: saving))
        let (saved, loss) = Self.total(blocks, chosen)
        #expect(saved >= saving)
        var best = Double.infinity
        for code in 0..<625 {
            let combination = [code % 5, code / 5 % 5, code / 25 % 5, code / 125]
            let (itsSaving, itsLoss) = Self.total(blocks, combination)
            if itsSaving >= saving { best = min(best, itsLoss) }
        }
        // Savings are rounded down to steps of 1/2000 of the target.
        #expect(loss <= best + 1e-12)
    }

    private static func total(_ blocks: [[Allocation.Option]], _ chosen: [Int]) -> (Int, Double) {
        zip(blocks, chosen).reduce((0, 0.0)) { ($0.0 + $1.0[$1.1].saved, $0.1 + $1.0[$1.1].loss) }
    }

    @Test func impossibleSavings() {
        #expect(Allocation.choose([[.init(saved: 0, loss: 0), .init(saved: 5, loss: 1)]], saving: 6) == nil)
    }

    @Test(
        "A form's multiply-accumulates are those of the converted graph",
        arguments: Networks.recipes.map(\.name))
    func macs(_ name: String) throws {
        let recipe = try Networks.recipe(name)
        let (_, model) = try Networks.canonical("torchvision-opset17")
        let (calibration, conversion) = try Networks.calibrated(model, recipe, samples: 8)
        let savings = conversion.savings(
            before: MACCount(model.graph), after: MACCount(conversion.model.graph))
        for ((_, planned), saved) in zip(calibration.plan.conversions, savings) {
            guard case .calibrated(let form, let body) = planned else {
                Issue.record("\(planned) is not calibrated")
                continue
            }
            let macs = try #require(BodyMACs(body, in: model.graph))
            #expect(macs.source - form.payload.macs(of: macs) == saved)
        }
    }

    @Test("A budget is met, and a harder one costs more", arguments: ["torchvision-opset17"])
    func budget(_ fixture: String) throws {
        let (_, model) = try Networks.canonical(fixture)
        let plan = try Planner.plan(
            model.graph,
            ConversionRequest(
                .calibrated(
                    CalibratedRecipe(.budget(.macs(1), BlockReduction(.hidden, router: .fixed))), on: .all)))
        #expect(plan.conversions.isEmpty && !plan.leavesAll)
        let format = try ImageFormat(model.graph)
        let images = SyntheticImages(count: 16, format: format, scale: .imageNet(channels: 3), seed: 0)
        let options = CalibrationOptions(samples: 16, threads: 1, rows: 1000)
        let sensitivity = try Sensitivity.measure(plan, model.graph, images: images, options: options)
        #expect(sensitivity.blocks.count == plan.entries.count { $0.verdict.isReduction })
        let target = sensitivity.sourceMACs * 9 / 10
        let choice = try sensitivity.plan(plan, macs: target)
        let calibration = try Calibrator.calibrate(
            choice.plan, model.graph, images: images, options: options)
        let conversion = try Converter.apply(
            calibration.plan, to: model, sourceSHA256: nil, weights: calibration.weights)
        #expect(MACCount(conversion.model.graph).total(.strict) <= target)
        #expect(abs(choice.shares.values.reduce(0, +) - 1) < 1e-9)
        #expect(throws: CalibrationError.self) {
            try sensitivity.plan(plan, macs: sensitivity.leastMACs - 1)
        }
    }
}
