import GraphIR
import MixtureOfDepths
import Operators
import Passes
import Runtime
import TestSupport
import Testing

@testable import Calibration

/// Networks of the fixtures, in the form in which they are calibrated.
enum Networks {
    static func canonical(_ name: String) throws -> (source: Model, canonical: Model) {
        let source = try Fixtures.model(name)
        var model = source
        model.graph = try Pipeline.canonical(batchNormalization: .folded).run(source.graph)
        return (source, model)
    }

    /// A network calibrated on generated images.
    static func calibrated(
        _ model: Model, _ recipe: CalibratedRecipe, blocks: BlockSelection = .alternate, samples: Int = 16,
        threads: Int = 1, limits: RunLimits = RunLimits()
    ) throws -> (calibration: Calibration, conversion: Converter.Conversion) {
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(recipe, on: blocks)))
        let format = try ImageFormat(model.graph)
        let calibration = try Calibrator.calibrate(
            plan, model.graph,
            images: SyntheticImages(
                count: samples, format: format, scale: .imageNet(channels: format.channels), seed: 0),
            options: CalibrationOptions(samples: samples, threads: threads, limits: limits, rows: 2000))
        let conversion = try Converter.apply(
            calibration.plan, to: model, sourceSHA256: nil, weights: calibration.weights)
        return (calibration, conversion)
    }

    /// Half of each block.
    static func half(
        _ units: BlockReduction.Units = .hidden, _ router: BlockReduction.RouterChoice = .auto,
        weights: CalibratedRecipe.Weights = .refit, bias: BiasChoice = .none
    ) throws -> CalibratedRecipe {
        let ratio = try #require(ModRatio("0.5"))
        return CalibratedRecipe(
            .share(ratio, BlockReduction(units, router: router)), weights: weights, bias: bias)
    }

    /// Recipes that give every calibrated form.
    static let recipes: [(name: String, make: @Sendable () throws -> CalibratedRecipe)] = [
        ("routed hidden", { try half(.hidden, .topk) }),
        ("fixed hidden", { try half(.hidden, .fixed) }),
        ("auto", { try half() }),
        ("routed hidden, weights kept", { try half(.hidden, .topk, weights: .keep) }),
        ("routed channels", { try half(.channels(.all), .topk) }),
        ("paired channels", { try half(.channels(.all), .pairs) }),
        ("fixed channels, first k", { try half(.channels(.first), .fixed) }),
        ("dropped", { CalibratedRecipe(.dropped) }),
        ("fixed hidden, bias", { try half(.hidden, .fixed, bias: .rank(5)) }),
        ("routed hidden, bias", { try half(.hidden, .topk, bias: .rank(5)) }),
        ("paired channels, bias decided", { try half(.channels(.all), .pairs, bias: .auto) }),
        ("fixed channels, first k, bias", { try half(.channels(.first), .fixed, bias: .rank(5)) }),
        ("routed hidden, tuned", { try half(.hidden, .topk, weights: .tune) }),
        ("fixed hidden, tuned", { try half(.hidden, .fixed, weights: .tune) }),
        ("routed channels, tuned", { try half(.channels(.all), .topk, weights: .tune) }),
        ("paired channels, tuned", { try half(.channels(.all), .pairs, weights: .tune) }),
        ("fixed channels, first k, tuned", { try half(.channels(.first), .fixed, weights: .tune) }),
    ]

    static func recipe(_ name: String) throws -> CalibratedRecipe {
        try #require(recipes.first { $0.name == name }).make()
    }
}
