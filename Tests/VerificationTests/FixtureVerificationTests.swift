import GraphIR
import MixtureOfDepths
import Operators
import Passes
import TestSupport
import Testing
import Verification

/// Converted models of the tests.
enum Converted {
    /// All fixtures but one of full size, whose plain evaluation takes minutes without optimisation; it is
    /// converted and verified through the command line.
    static let names = Fixtures.names.filter { $0 != "light_resnet50" }

    /// The source, and its conversion; nil if the fixture has no block to convert or is refused.
    static func model(
        _ name: String, ratio: String = "0.5", router: Router = .topk, target: Target = .standard,
        route: PaperRecipe.Route = .channels
    ) throws -> (source: Model, conversion: Converter.Conversion)? {
        guard let source = try? Fixtures.model(name) else { return nil }
        var model = source
        model.graph = try Pipeline.canonical().run(source.graph, validating: true)
        let recipe = PaperRecipe(
            ratio: try #require(ModRatio(ratio)), route: route, router: router, target: target)
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.paper(recipe, on: .alternate), seed: 7))
        guard !plan.conversions.isEmpty else { return nil }
        return (source, try Converter.apply(plan, to: model, sourceSHA256: nil))
    }
}

@Suite struct FixtureVerificationTests {
    /// Every file with chosen channels; one of each exporter and kind of block with fixed ones, too, which emit
    /// fewer nodes of the same kinds.
    private static let cases =
        Converted.names.map { ($0, Router.topk) }
        + [
            "caffe2-bottleneck", "cifar-option-a", "keras3-nchw", "mxnet-v2-basic", "torchvision-batch4",
            "torchvision-opset9", "torchvision-opset17", "torchvision-symbolic-size",
        ].map { ($0, Router.fixed) }

    @Test("A conversion of a real file passes every check", arguments: cases)
    func passes(_ name: String, _ router: Router) throws {
        guard let (source, conversion) = try Converted.model(name, router: router) else { return }
        // Symbolic heights and widths need an input of one's own.
        let inputs = try Fixtures.inputs(name, source).map { [$0] }
        let verification = try Verifier.verify(
            source: source, converted: conversion.model, options: VerificationOptions(inputs: inputs))
        #expect(verification.checks.count == 6)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
    }
}
