import GraphIR
import MixtureOfDepths
import Operators
import Runtime
import Testing
import Verification

@testable import Calibration

/// Blocks tuned by gradients. That every form is emitted as it was tuned, `CalibratorTests` shows.
@Suite struct BlockTuningTests {
    @Test("Tuning lowers the error of the blocks on images that they are not fitted to")
    func lowersError() throws {
        let (_, model) = try Networks.canonical("torchvision-opset17")
        func calibrated(_ weights: CalibratedRecipe.Weights) throws -> Calibration {
            try Networks.calibrated(
                model, Networks.half(.hidden, .fixed, weights: weights), blocks: .all, samples: 32
            ).calibration
        }
        let (refitted, tuned) = (try calibrated(.refit), try calibrated(.tune))
        #expect(refitted.outcomes.allSatisfy { $0.tuning == .none })
        let first = try #require(tuned.outcomes.first)
        guard case .tuned(let before, let after) = first.tuning else {
            Issue.record("\(first.tuning)")
            return
        }
        // Up to the first block, both calibrations are the same.
        #expect(abs(before - refitted.outcomes[0].errors[0].error) < 1e-5)
        #expect(after < before)
        #expect(tuned.outcomes.contains { $0.tuning != first.tuning && $0.tuning != .none })
    }

    @Test(
        "Blocks of all kinds are tuned, and compute their definition",
        arguments: [
            "timm-seresnet", "timm-resnet-silu", "torchvision-resnext", "torchvision-mobilenetv2",
            "torchvision-convnext", "mxnet-v2-bottleneck", "timm-resnetd",
        ])
    func kinds(_ fixture: String) throws {
        let (source, model) = try Networks.canonical(fixture)
        let recipe = try Networks.half(.hidden, .fixed, weights: .tune)
        let (calibration, conversion) = try Networks.calibrated(model, recipe, blocks: .all, samples: 12)
        var changed = 0
        for outcome in calibration.outcomes {
            switch outcome.tuning {
            case .tuned(let before, let after):
                #expect(after < before)
                changed += 1
            case .none: break
            case .impossible(let place): Issue.record("\(outcome.scope): \(place)")
            }
        }
        #expect(changed > 0)
        let verification = try Verifier.verify(
            source: source, converted: conversion.model, options: VerificationOptions(samples: 1))
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
    }

    @Test("A block with a node that has no gradient stays as it was fitted, and the outcome names the node")
    func impossible() throws {
        let (source, model) = try Networks.canonical("timm-ecaresnet")
        func converted(_ weights: CalibratedRecipe.Weights) throws -> Calibration {
            try Networks.calibrated(
                model, Networks.half(.hidden, .fixed, weights: weights), blocks: .all, samples: 8
            ).calibration
        }
        let tuned = try converted(.tune)
        let nodes = Set(source.graph.nodes.map { source.graph.label(of: $0) })
        for outcome in tuned.outcomes {
            guard case .impossible(let place) = outcome.tuning else {
                Issue.record("\(outcome.scope): \(outcome.tuning)")
                continue
            }
            #expect(nodes.contains(place) || place.hasPrefix("value"))
        }
        let refitted = try converted(.refit)
        for (block, fitted) in refitted.weights.blocks {
            #expect(tuned.weights.blocks[block]?.layers == fitted.layers)
        }
    }

    @Test("Results do not depend on the number of threads")
    func threads() throws {
        let (_, model) = try Networks.canonical("torchvision-opset17")
        let recipe = try Networks.half(.channels(.all), .pairs, weights: .tune)
        let one = try Networks.calibrated(model, recipe, threads: 1)
        let two = try Networks.calibrated(model, recipe, threads: 2)
        #expect(one.calibration.outcomes.contains { $0.tuning != .none })
        #expect(one.conversion.model.graph == two.conversion.model.graph)
    }

    @Test("Progress never goes back, and tuning reports its steps")
    func progress() throws {
        let (_, model) = try Networks.canonical("torchvision-opset17")
        let recipe = try Networks.half(.hidden, .fixed, weights: .tune)
        let plan = try Planner.plan(model.graph, ConversionRequest(.calibrated(recipe, on: .alternate)))
        let format = try ImageFormat(model.graph)
        var shares: [Double] = []
        var tunes = 0
        _ = try Calibrator.calibrate(
            plan, model.graph,
            images: SyntheticImages(
                count: 8, format: format, scale: .imageNet(channels: format.channels), seed: 0),
            options: CalibrationOptions(samples: 8, threads: 1, rows: 500)
        ) {
            shares.append($0.share)
            if $0.step.hasPrefix("tuning") { tunes += 1 }
        }
        #expect(tunes > 20)
        #expect(shares == shares.sorted())
        #expect(shares.allSatisfy { (0...1).contains($0) })
    }
}
