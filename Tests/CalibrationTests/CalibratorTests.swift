import GraphIR
import MixtureOfDepths
import Operators
import Runtime
import Testing
import Verification

@testable import Calibration

@Suite struct CalibratorTests {
    /// Each recipe with several networks, and each network with several recipes.
    private static let cases: [(String, String)] = [
        "torchvision-opset17", "torchvision-resnet18", "mxnet-v2-bottleneck", "mxnet-v2-basic",
        "torchvision-batch4", "keras3-nchw", "torchvision-opset9", "torchvision-dilated",
    ].enumerated().flatMap { index, fixture in
        Networks.recipes.enumerated().filter { ($0.offset + index) % 3 == 0 }.map {
            (fixture, $0.element.name)
        }
    }

    @Test("What calibration emits computes its definition, for any batch", arguments: cases)
    func passesVerification(_ fixture: String, _ name: String) throws {
        let recipe = try Networks.recipe(name)
        let (source, model) = try Networks.canonical(fixture)
        let (calibration, conversion) = try Networks.calibrated(model, recipe, samples: 8)
        #expect(!calibration.outcomes.isEmpty)
        let verification = try Verifier.verify(
            source: source, converted: conversion.model, options: VerificationOptions(samples: 1))
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
    }

    @Test(
        "Calibration ends before a head that cannot be run", arguments: Networks.recipes.map(\.name))
    func unknownHead(_ name: String) throws {
        let recipe = try Networks.recipe(name)
        var (source, model) = try Networks.canonical("torchvision-opset17")
        source.graph = try Self.unknownHead(source.graph)
        model.graph = try Self.unknownHead(model.graph)
        let (calibration, conversion) = try Networks.calibrated(model, recipe, samples: 8)
        #expect(!calibration.comparison.isOfOutput)
        #expect(!calibration.outcomes.isEmpty)
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        #expect(verification.passed)
        #expect(verification.check(.blocks)?.outcome == .passed)
        #expect(verification.check(.drift)?.outcome == .notApplicable)
    }

    /// The graph with an operator that nobody knows after its last node.
    private static func unknownHead(_ graph: Graph) throws -> Graph {
        var edit = GraphEdit(graph)
        _ = try edit.interpose("Unheard", after: graph.outputs[0], innerName: "logits")
        return try edit.commit()
    }

    @Test(
        "The exported network does what calibration saw: same agreement, same scores",
        arguments: Networks.recipes.map(\.name))
    func exportIsWhatWasCalibrated(_ name: String) throws {
        let recipe = try Networks.recipe(name)
        let (_, model) = try Networks.canonical("torchvision-opset17")
        let (calibration, conversion) = try Networks.calibrated(model, recipe, samples: 16)
        let format = try ImageFormat(model.graph)
        let images = SyntheticImages(
            count: 16, format: format, scale: .imageNet(channels: format.channels), seed: 0)
        // The last quarter is what the calibration compares on.
        let batch = try images.batch(Array(12..<16))
        let (before, after) = (
            try Session(model.graph).run(["input": batch])[0].tensor,
            try Session(conversion.model.graph).run(["input": batch])[0].tensor
        )
        var comparison = ScoreComparison()
        try comparison.add(after, reference: before)
        #expect(comparison.agreement == calibration.comparison.agreement)
        #expect(abs(comparison.meanCosine - calibration.comparison.cosine) < 1e-5)
    }

    @Test("Results do not depend on the number of threads", arguments: ["torchvision-opset17"])
    func threads(_ fixture: String) throws {
        let (_, model) = try Networks.canonical(fixture)
        let one = try Networks.calibrated(model, Networks.half(), threads: 1)
        let three = try Networks.calibrated(model, Networks.half(), threads: 3)
        #expect(one.conversion.model.graph == three.conversion.model.graph)
    }

    @Test(
        "Units that nothing reads cost nothing: the fixed choice leaves them out", arguments: [true, false])
    func deadUnits(refits: Bool) throws {
        var (_, model) = try Networks.canonical("torchvision-opset17")
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(Networks.half(), on: .alternate)))
        var edit = GraphEdit(model.graph)
        for (entry, planned) in plan.conversions {
            let body = try #require(entry.verdict.calibratedBody)
            for (layer, kept) in zip(body.layers.dropFirst(), planned.form.hidden) {
                try edit.silence(layer.convolution, inputsFrom: kept)
            }
        }
        model.graph = try edit.commit()
        let recipe = try Networks.half(.hidden, .fixed, weights: refits ? .refit : .keep)
        let (calibration, _) = try Networks.calibrated(model, recipe)
        for outcome in calibration.outcomes { #expect(outcome.errors[0].error < 1e-4) }
        #expect(calibration.comparison.cosine > 0.9999)
    }

    @Test("Refitting brings the network nearer to its source than cutting alone, and than dropping")
    func refitHelps() throws {
        let (_, model) = try Networks.canonical("torchvision-opset17")
        func cosine(_ recipe: CalibratedRecipe) throws -> Double {
            try Networks.calibrated(model, recipe, blocks: .all, samples: 32).calibration.comparison.cosine
        }
        let refitted = try cosine(Networks.half(.hidden, .fixed))
        #expect(try refitted > cosine(Networks.half(.hidden, .fixed, weights: .keep)))
        #expect(try refitted > cosine(CalibratedRecipe(.dropped)))
    }

    @Test func tooFewImages() throws {
        let (_, model) = try Networks.canonical("torchvision-opset17")
        #expect(throws: CalibrationError.tooFewImages(1)) {
            try Networks.calibrated(model, Networks.half(), samples: 1)
        }
    }

    @Test("Grouped bodies are left by a choice of channels, with the reason")
    func grouped() throws {
        let (_, model) = try Networks.canonical("torchvision-resnext")
        let plan = try Planner.plan(
            model.graph,
            ConversionRequest(.calibrated(Networks.half(.channels(.all), .pairs), on: .alternate)))
        #expect(plan.conversions.isEmpty)
        #expect(plan.entries.contains { $0.verdict == .notEligible(.groupedBody) })
    }
}

extension GraphEdit {
    /// Makes a convolution ignore its inputs from `first` on.
    mutating func silence(_ convolution: NodeID, inputsFrom first: Int) throws {
        guard let input = graph[convolution].input(1), let weights = graph.constant(input),
            var values = weights.floats
        else { return }
        let taps = weights.shape[2] * weights.shape[3]
        for output in 0..<weights.shape[0] {
            for place in (first * taps)..<(weights.shape[1] * taps) {
                values[output * weights.shape[1] * taps + place] = 0
            }
        }
        let name = uniqueName("\(graph[input].name)/silenced")
        setInput(convolution, 1, try addInitializer(name, try Tensor(shape: weights.shape, values)))
    }
}
