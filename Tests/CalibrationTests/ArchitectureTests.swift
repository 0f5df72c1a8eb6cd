import GraphIR
import MixtureOfDepths
import Operators
import Passes
import Runtime
import Testing
import Verification

@testable import Calibration

/// Hidden units are cut in the blocks of every family, and in networks that are no chain.
@Suite struct ArchitectureTests {
    struct Architecture: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// How many blocks are cut, each with its hidden layers.
        let hidden: [Int]
        let build: @Sendable (inout SmallNetwork) throws -> [ValueID]

        init(
            _ name: String, hidden: [Int],
            _ build: @escaping @Sendable (inout SmallNetwork) throws -> [ValueID]
        ) {
            (testDescription, self.hidden, self.build) = (name, hidden, build)
        }
    }

    // MARK: Blocks

    private static func residual(
        _ net: inout SmallNetwork, _ x: ValueID, _ body: (inout SmallNetwork, ValueID) throws -> ValueID
    ) throws -> ValueID { try net.relu(net.sum(body(&net, x), x)) }

    private static func basic(_ net: inout SmallNetwork, _ x: ValueID) throws -> ValueID {
        try residual(&net, x) { net, x in
            try net.convolution(net.relu(net.convolution(x, 8, kernel: 3)), net.width(x), kernel: 3)
        }
    }

    private static func down(_ net: inout SmallNetwork, _ x: ValueID, _ width: Int) throws -> ValueID {
        try net.relu(net.convolution(x, width, kernel: 3, stride: 2))
    }

    /// A basic block whose body ends in an attention.
    private static func ending(
        _ name: String, in attention: @escaping @Sendable (inout SmallNetwork, ValueID) throws -> ValueID
    ) -> Architecture {
        Architecture(name, hidden: [1]) { net in
            let x = try net.relu(net.convolution(net.image, 8, kernel: 3))
            let y = try residual(&net, x) { net, x in
                let hidden = try net.relu(net.convolution(x, 8, kernel: 3))
                return try attention(&net, net.convolution(hidden, 8, kernel: 3))
            }
            return [try net.scores(y)]
        }
    }

    static let architectures = [
        Architecture("inverted residual with attention between, SiLU", hidden: [2, 2]) { net in
            var x = try net.convolution(net.image, 8, kernel: 3)
            for isFirst in [true, false] {
                let expanded = try net.silu(net.convolution(x, 16))
                let filtered = try net.silu(
                    net.convolution(expanded, 16, kernel: 3, stride: isFirst ? 2 : 1, groups: 16))
                let body = try net.convolution(net.attention(filtered), 8)
                x = isFirst ? body : try net.sum(body, x)
            }
            return [try net.scores(x)]
        },
        Architecture("grouped bottleneck with attention between", hidden: [2]) { net in
            let x = try net.relu(net.convolution(net.image, 8, kernel: 3))
            let y = try residual(&net, x) { net, x in
                let grouped = try net.convolution(
                    net.relu(net.convolution(x, 16)), 16, kernel: 3, groups: 4)
                return try net.convolution(net.attention(net.relu(grouped)), 8)
            }
            return [try net.scores(y)]
        },
        ending("attention at the end of the body") { try $0.attention($1) },
        ending("efficient attention at the end of the body") { try $0.efficientAttention($1) },
        Architecture("ConvNeXt's block with its layer scale", hidden: [1]) { net in
            let x = try net.convolution(net.image, 8, kernel: 3)
            let filtered = try net.convolution(x, 8, kernel: 3, groups: 8)
            let last = try net.add("Transpose", [filtered], ["perm": .ints([0, 2, 3, 1])])
            let normal = try net.add(
                "LayerNormalization", [last, net.constant([8], fanIn: 2), net.constant([8], fanIn: 100)],
                ["axis": .int(-1)])
            let first = try net.add("Transpose", [normal], ["perm": .ints([0, 3, 1, 2])])
            let body = try net.convolution(net.silu(net.convolution(first, 16)), 8)
            let scaled = try net.add("Mul", [body, net.constant([8, 1, 1], fanIn: 2)])
            return [try net.scores(net.sum(scaled, x))]
        },
        Architecture("slopes and normalisation by channel, and a pooling", hidden: [2]) { net in
            let x = try net.relu(net.convolution(net.image, 8, kernel: 3))
            let narrow = try net.add(
                "PRelu", [net.convolution(x, 8), net.constant([8, 1, 1], fanIn: 8)])
            let wide = try net.relu(net.convolution(narrow, 8, kernel: 3))
            let pooled = try net.add(
                "AveragePool", [wide], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
            let shortcut = try net.convolution(x, 8, stride: 2)
            return [try net.scores(net.relu(net.sum(net.convolution(pooled, 8), shortcut)))]
        },
        Architecture("normalisation and SiLU before the body", hidden: [1]) { net in
            let x = try net.convolution(net.image, 8, kernel: 3)
            let parameters = try [Float(1.5), 0.1, 0.2, 0.8].map { try net.constant($0, channels: 8) }
            let normal = try net.silu(net.add("BatchNormalization", [x] + parameters))
            let hidden = try net.silu(net.convolution(normal, 8, kernel: 3))
            return [try net.scores(net.sum(net.convolution(hidden, 8, kernel: 3), x))]
        },
        Architecture("pairs of convolutions without a shortcut", hidden: [1, 2]) { net in
            var x = try net.relu(net.convolution(net.image, 8, kernel: 3))
            x = try net.relu(net.convolution(x, 8, kernel: 3))
            x = try net.add(
                "MaxPool", [x], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
            for _ in 0..<3 { x = try net.relu(net.convolution(x, 12, kernel: 3)) }
            return [try net.scores(x)]
        },
        Architecture("layers that are concatenated", hidden: [1, 1]) { net in
            var x = try net.convolution(net.image, 8, kernel: 3)
            for _ in 0..<2 {
                let narrow = try net.relu(net.convolution(net.relu(x), 8))
                x = try net.concatenation([x, net.convolution(narrow, 4, kernel: 3)])
            }
            return [try net.scores(x)]
        },
        Architecture("a pyramid over the stages", hidden: [1, 1]) { net in
            let stem = try net.relu(net.convolution(net.image, 8, kernel: 3))
            let fine = try basic(&net, stem)
            let coarse = try basic(&net, try down(&net, fine, 8))
            let lateral = try net.convolution(fine, 8)
            let merged = try net.sum(lateral, try net.upsampled(net.convolution(coarse, 8)))
            return [try net.convolution(merged, 4, kernel: 3), try net.convolution(coarse, 4)]
        },
        Architecture("an encoder and a decoder with concatenated skips", hidden: [1, 1, 1]) { net in
            func pair(_ net: inout SmallNetwork, _ x: ValueID, _ width: Int) throws -> ValueID {
                let first = try net.relu(net.convolution(x, width, kernel: 3))
                return try net.relu(net.convolution(first, width, kernel: 3))
            }
            let fine = try pair(&net, net.image, 8)
            let pooled = try net.add(
                "MaxPool", [fine], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
            let coarse = try pair(&net, pooled, 12)
            let joined = try net.concatenation([fine, net.upsampled(coarse)])
            let last = try pair(&net, joined, 8)
            return [try net.add("MaxPool", [last], ["kernel_shape": .ints([1, 1])])]
        },
        Architecture("two heads of which neither sees all blocks", hidden: [1, 1, 1]) { net in
            let trunk = try basic(&net, try net.relu(net.convolution(net.image, 8, kernel: 3)))
            let (one, other) = (try basic(&net, trunk), try basic(&net, trunk))
            return [try net.scores(one), try net.scores(other)]
        },
        Architecture("a block whose output is a result, too", hidden: [1, 1]) { net in
            let first = try basic(&net, try net.relu(net.convolution(net.image, 8, kernel: 3)))
            let second = try basic(&net, first)
            return [first, try net.scores(second)]
        },
    ]

    private static func canonical(_ architecture: Architecture) throws -> (source: Model, canonical: Model) {
        var network = try SmallNetwork()
        let outputs = try architecture.build(&network)
        let source = try network.model(outputs)
        var model = source
        model.graph = try Pipeline.canonical(batchNormalization: .folded).run(source.graph)
        return (source, model)
    }

    @Test("Blocks are cut, compute their definition and cost what was planned", arguments: architectures)
    func isCut(_ architecture: Architecture) throws {
        let (source, model) = try Self.canonical(architecture)
        let (calibration, conversion) = try Networks.calibrated(
            model, Networks.half(.hidden, .fixed), blocks: .all)
        #expect(calibration.plan.conversions.map(\.block.form.hidden.count) == architecture.hidden)
        #expect(calibration.comparison.isOfOutput)
        let verification = try Verifier.verify(source: source, converted: conversion.model)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
        #expect(verification.check(.blocks)?.outcome == .passed)
        let names = conversion.model.graph.nodes.map(\.name)
        #expect(Set(names).count == names.count)
        let savings = conversion.savings(
            before: MACCount(model.graph), after: MACCount(conversion.model.graph))
        for ((_, planned), saved) in zip(calibration.plan.conversions, savings) {
            guard case .calibrated(let form, let body) = planned else { continue }
            let macs = try #require(BodyMACs(body, in: model.graph))
            #expect(macs.source - form.payload.macs(of: macs) == saved && saved > 0)
        }
    }

    @Test("Images give the exported network the outputs that calibration saw", arguments: architectures)
    func exportIsWhatWasCalibrated(_ architecture: Architecture) throws {
        let (_, model) = try Self.canonical(architecture)
        let (calibration, conversion) = try Networks.calibrated(
            model, Networks.half(.hidden, .fixed), blocks: .all)
        let format = try ImageFormat(model.graph)
        let images = SyntheticImages(
            count: 16, format: format, scale: .imageNet(channels: format.channels), seed: 0)
        let batch = try images.batch(Array(12..<16))
        let results = try [model.graph, conversion.model.graph].map {
            try Session($0).run(["image": batch])
        }
        let cosines = try zip(results[0], results[1]).map { before, after in
            var comparison = ScoreComparison()
            try comparison.add(after.tensor, reference: before.tensor)
            return comparison.meanCosine
        }
        // One output stands for all that depend on the same blocks.
        let mean = cosines.reduce(0, +) / Double(cosines.count)
        let seen = cosines.contains { abs($0 - calibration.comparison.cosine) < 1e-5 }
        #expect(seen || abs(mean - calibration.comparison.cosine) < 1e-5)
    }

    @Test("A budget spreads over the blocks of every network", arguments: architectures)
    func budgets(_ architecture: Architecture) throws {
        let (_, model) = try Self.canonical(architecture)
        let format = try ImageFormat(model.graph)
        let images = SyntheticImages(
            count: 16, format: format, scale: .imageNet(channels: format.channels), seed: 0)
        let whole = MACCount(model.graph).total(.strict)
        let recipe = CalibratedRecipe(
            .budget(.macs(whole * 9 / 10), BlockReduction(.any, router: .fixed)), weights: .keep)
        let plan = try Planner.plan(model.graph, ConversionRequest(.calibrated(recipe, on: .all)))
        let options = CalibrationOptions(samples: 16, threads: 1, rows: 500)
        let sensitivity = try Sensitivity.measure(plan, model.graph, images: images, options: options)
        #expect(sensitivity.blocks.count >= architecture.hidden.count)
        #expect(sensitivity.blocks.flatMap(\.options).allSatisfy { $0.loss.isFinite && $0.loss >= 0 })
        let macs = max(whole * 9 / 10, sensitivity.leastMACs)
        let choice = try sensitivity.plan(plan, macs: macs)
        let calibration = try Calibrator.calibrate(
            choice.plan, model.graph, images: images, options: options)
        let converted = try Converter.apply(
            calibration.plan, to: model, sourceSHA256: nil, weights: calibration.weights)
        #expect(MACCount(converted.model.graph).total(.strict) <= macs)
    }

    @Test("Attention over neighbouring channels between two convolutions keeps its block, with the reason")
    func neighbours() throws {
        let network = Architecture("efficient attention between", hidden: []) { net in
            let x = try net.relu(net.convolution(net.image, 8, kernel: 3))
            let y = try Self.residual(&net, x) { net, x in
                let hidden = try net.relu(net.convolution(x, 8, kernel: 3))
                return try net.convolution(net.efficientAttention(hidden), 8, kernel: 3)
            }
            return [try net.scores(y)]
        }
        let (_, model) = try Self.canonical(network)
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(Networks.half(.hidden, .fixed), on: .all)))
        let reasons = plan.entries.map(\.verdict.reason)
        #expect(reasons.count == 1 && reasons[0].hasPrefix("channel attention"))
    }

    @Test("More images than memory may hold go to files")
    func memory() throws {
        let (_, model) = try Self.canonical(Self.architectures[0])
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(Networks.half(.hidden, .fixed), on: .all)))
        var limits = RunLimits()
        limits.memory = 1 << 20
        let schedule = try BlockSchedule(model.graph, plan)
        #expect(schedule.store(samples: 1000, limits) == .temporary)
        #expect(schedule.store(samples: 2, limits) == .memory)
    }

    @Test(
        "Where channels cannot be chosen, the error says that hidden units can be cut",
        arguments: ["grouped bottleneck with attention between", "layers that are concatenated"])
    func hint(_ name: String) throws {
        let architecture = try #require(Self.architectures.first { $0.testDescription == name })
        let (_, model) = try Self.canonical(architecture)
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(Networks.half(.channels(.all), .pairs), on: .all)))
        #expect(plan.leavesAll)
        let text = ConversionError.nothing(in: plan, model.graph).description
        let count = architecture.hidden.count
        #expect(text.hasSuffix("--router fixed cuts hidden units, which \(count) of its blocks have"))
    }
}
