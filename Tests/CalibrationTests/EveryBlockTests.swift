import GraphIR
import MixtureOfDepths
import Operators
import Runtime
import Testing
import Verification

@testable import Calibration

/// Hidden units are cut in every block that has them, whatever its ends.
@Suite struct EveryBlockTests {
    /// A fixture, and how many of its blocks have hidden units.
    static let fixtures: [(name: String, blocks: Int)] = [
        ("torchvision-resnet18", 8), ("torchvision-opset17", 9), ("torchvision-dilated", 9),
        ("mxnet-v2-bottleneck", 9), ("keras3-nchw", 5), ("caffe2-bottleneck", 9), ("cifar-option-a", 9),
        ("timm-resnetd", 9), ("timm-resnetblur", 9), ("timm-resnet-silu", 9), ("torchvision-resnext", 9),
        ("timm-seresnet", 9), ("timm-ecaresnet", 9), ("torchvision-convnext", 9),
        ("torchvision-mobilenetv2", 16), ("torchvision-mobilenetv2-bn", 16),
    ]

    @Test("All blocks are cut, compute their definition and cost what was planned", arguments: fixtures)
    func isCut(_ fixture: (name: String, blocks: Int)) throws {
        let (source, model) = try Networks.canonical(fixture.name)
        let (calibration, conversion) = try Networks.calibrated(
            model, Networks.half(.hidden, .auto), blocks: .all, samples: 8)
        #expect(calibration.outcomes.count == fixture.blocks)
        let verification = try Verifier.verify(
            source: source, converted: conversion.model, options: VerificationOptions(samples: 1))
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
        let savings = conversion.savings(
            before: MACCount(model.graph), after: MACCount(conversion.model.graph))
        for ((_, planned), saved) in zip(calibration.plan.conversions, savings) {
            guard case .calibrated(let form, let body) = planned else { continue }
            let macs = try #require(BodyMACs(body, in: model.graph))
            #expect(macs.source - form.payload.macs(of: macs) == saved)
            #expect(saved > 0)
        }
        #expect(Manifest(conversion.model)?.blocks == conversion.blocks.map(\.block))
    }

    @Test("Units that nothing reads cost nothing, in blocks with projections and strides, too")
    func deadUnits() throws {
        var (_, model) = try Networks.canonical("torchvision-opset17")
        let recipe = try Networks.half(.hidden, .fixed, weights: .keep)
        let plan = try Planner.plan(model.graph, ConversionRequest(.calibrated(recipe, on: .all)))
        var edit = GraphEdit(model.graph)
        for (entry, planned) in plan.conversions {
            let body = try #require(entry.verdict.calibratedBody)
            for (layer, kept) in zip(body.layers.dropFirst(), planned.form.hidden) {
                try edit.silence(layer.convolution, inputsFrom: kept)
            }
        }
        model.graph = try edit.commit()
        let (calibration, _) = try Networks.calibrated(model, recipe, blocks: .all)
        for outcome in calibration.outcomes { #expect(outcome.errors[0].error < 1e-8) }
    }

    @Test("An expanded channel keeps its depthwise filter and the weights that read it")
    func depthwise() throws {
        let (_, model) = try Networks.canonical("torchvision-mobilenetv2")
        let recipe = try Networks.half(.hidden, .fixed, weights: .keep)
        let (calibration, _) = try Networks.calibrated(model, recipe, blocks: .all, samples: 8)
        for (entry, _) in calibration.plan.conversions {
            let body = try #require(entry.verdict.calibratedBody)
            guard case .fixedHidden(_, let cut, _)? = calibration.weights.blocks[entry.block.closing] else {
                Issue.record("another form")
                continue
            }
            let whole = try body.layers.map {
                try #require(ConvolutionWeights(of: $0.convolution, in: model.graph))
            }
            func row(_ weights: ConvolutionWeights, _ unit: Int) -> [Float] {
                Array(weights.weights[(unit * weights.filter)..<((unit + 1) * weights.filter)])
            }
            let units = try (0..<cut[0].outputs).map { place in
                try #require((0..<whole[0].outputs).first { row(whole[0], $0) == row(cut[0], place) })
            }
            #expect(units == units.sorted() && Set(units).count == units.count)
            for (place, unit) in units.enumerated() { #expect(row(cut[1], place) == row(whole[1], unit)) }
            for output in 0..<whole[2].outputs {
                #expect(row(cut[2], output) == units.map { row(whole[2], output)[$0] })
            }
        }
    }

    @Test("Channels are chosen only where the input is the residual stream")
    func channels() throws {
        let (_, model) = try Networks.canonical("torchvision-opset17")
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(Networks.half(.channels(.all), .pairs), on: .all)))
        #expect(plan.conversions.count == 5)
        #expect(plan.entries.contains { $0.verdict == .notEligible(.stride(2)) })
    }

    @Test("Of groups, as many units stay of each")
    func groups() {
        var covariance = Matrix(rows: 8, columns: 8)
        for unit in 0..<8 { covariance[unit, unit] = Double(8 - unit) }
        let consumer = Matrix(rows: 1, columns: 8, [Double](repeating: 1, count: 8))
        let workers = Workers(count: 1)
        #expect(
            ColumnSelection.choose(4, covariance: covariance, consumer: consumer, workers) == [0, 1, 2, 3])
        let chosen = ColumnSelection.choose(
            4, parts: 4, covariance: covariance, consumer: consumer, workers)
        #expect(chosen == [0, 2, 4, 6])
    }

    /// The whole convolution on an image that is zero in the channels left out, against the cut one.
    @Test("Cut grouped weights are the rows and columns of the whole ones")
    func grouped() {
        let shape = [4, 2, 1, 1]
        let whole = ConvolutionWeights(
            shape: shape, groups: 2, weights: (1...8).map(Float.init), bias: [1, 2, 3, 4])
        // Filters 0 and 1 read channels 0 and 1, filters 2 and 3 channels 2 and 3.
        let cut = whole.selecting(outputs: [1, 2], inputs: [0, 3])
        #expect(
            cut.shape == [2, 1, 1, 1] && cut.groups == 2 && cut.weights == [3, 6] && cut.bias == [2, 3])
        #expect(whole.byInput.values == [1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 5, 6, 0, 0, 7, 8])
        let depthwise = ConvolutionWeights(
            shape: [3, 1, 1, 2], groups: 3, weights: [1, 2, 3, 4, 5, 6], bias: [0, 1, 2])
        let part = depthwise.selecting(outputs: [0, 2], inputs: [0, 2])
        #expect(part.shape == [2, 1, 1, 2] && part.groups == 2 && part.weights == [1, 2, 5, 6])
    }
}
