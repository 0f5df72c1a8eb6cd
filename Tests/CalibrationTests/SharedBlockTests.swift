import GraphIR
import MixtureOfDepths
import Operators
import Runtime
import TestSupport
import Testing
import Verification

@testable import Calibration

/// Networks of several inputs, and blocks that use the same weights.
@Suite struct SharedBlockTests {
    private static func verify(_ source: Model, _ converted: Model) throws {
        let verification = try Verifier.verify(source: source, converted: converted)
        for check in verification.checks {
            #expect(check.outcome != .failed, "\(check.kind): \(check.summary)")
        }
    }

    /// A stem and a basic block: its input, its hidden activations and its output.
    private static func block(
        of net: inout SmallNetwork
    ) throws -> (input: ValueID, hidden: ValueID, output: ValueID) {
        let x = try net.relu(net.convolution(net.image, 8, kernel: 3))
        let hidden = try net.relu(net.convolution(x, 8, kernel: 3))
        return (x, hidden, try net.relu(net.sum(net.convolution(hidden, 8, kernel: 3), x)))
    }

    /// How many convolutions read each weight.
    private static func uses(_ graph: Graph) -> Set<Int> {
        var counts: [ValueID: Int] = [:]
        for node in graph.nodes where node.isOperator("Conv") {
            if let weights = node.input(1) { counts[weights, default: 0] += 1 }
        }
        return Set(counts.values)
    }

    private static func images(for model: Model, _ count: Int = 16) throws -> SyntheticImages {
        SyntheticImages(
            count: count, format: try ImageFormat(model.graph), scale: .imageNet(channels: 3), seed: 0)
    }

    @Test("Two towers of one network stay one", arguments: Networks.recipes.map(\.name))
    func towers(_ recipe: String) throws {
        let (source, model) = try Networks.canonical("torchvision-siamese")
        let (calibration, conversion) = try Networks.calibrated(model, try Networks.recipe(recipe))
        #expect(Self.uses(conversion.model.graph) == [2])
        #expect(calibration.outcomes.count * 2 == calibration.plan.conversions.count)
        #expect(calibration.comparison.isOfOutput)
        try Self.verify(source, conversion.model)
    }

    @Test("A budget gives both towers the same forms")
    func budget() throws {
        let (_, model) = try Networks.canonical("torchvision-siamese")
        let macs = MACCount(model.graph).total(.strict) * 3 / 4
        let recipe = CalibratedRecipe(
            .budget(.macs(macs), BlockReduction(.any, router: .fixed)), weights: .keep)
        let plan = try Planner.plan(model.graph, ConversionRequest(.calibrated(recipe, on: .all)))
        let images = try Self.images(for: model)
        let options = CalibrationOptions(samples: 16, threads: 1, rows: 500)
        let sensitivity = try Sensitivity.measure(plan, model.graph, images: images, options: options)
        let choice = try sensitivity.plan(plan, macs: macs)
        let forms = choice.plan.entries.map(\.verdict.text)
        #expect(forms.prefix(8).elementsEqual(forms.suffix(8)))
        let calibration = try Calibrator.calibrate(choice.plan, model.graph, images: images, options: options)
        let converted = try Converter.apply(
            calibration.plan, to: model, sourceSHA256: nil, weights: calibration.weights)
        #expect(MACCount(converted.model.graph).total(.strict) <= macs)
        #expect(Self.uses(converted.model.graph) == [2])
    }

    @Test("The towers' result is the one that calibration saw, on the pairs that it was given")
    func comparison() throws {
        let (_, model) = try Networks.canonical("torchvision-siamese")
        let (calibration, conversion) = try Networks.calibrated(model, Networks.half(.hidden, .fixed))
        let images = try Self.images(for: model)
        // Images 12 to 15 are held out; the second input takes the next of them, in a circle.
        let pairs = [
            "input_0": try images.batch([12, 13, 14, 15]), "input_1": try images.batch([13, 14, 15, 12]),
        ]
        let results = try [model.graph, conversion.model.graph].map { try Session($0).run(pairs)[0].tensor }
        var comparison = ScoreComparison()
        try comparison.add(results[1], reference: results[0])
        #expect(abs(comparison.meanCosine - calibration.comparison.cosine) < 1e-5)
        #expect(comparison.agreement == calibration.comparison.agreement)
    }

    @Test("A network that runs through a block twice gets two blocks")
    func recurrent() throws {
        var net = try SmallNetwork()
        let (x, _, once) = try Self.block(of: &net)
        let twice = try net.again(from: x, to: once, on: once)
        let scores = try net.scores(twice)
        let model = try net.model([scores])
        let (calibration, conversion) = try Networks.calibrated(
            model, Networks.half(.hidden, .fixed), blocks: .all)
        #expect(calibration.plan.conversions.count == 2 && calibration.outcomes.count == 2)
        #expect(Self.uses(conversion.model.graph) == [1])
        try Self.verify(model, conversion.model)
    }

    @Test("A block whose inside is read elsewhere is fitted by itself")
    func tap() throws {
        var net = try SmallNetwork()
        let other = try net.secondImage()
        let (_, hidden, tower) = try Self.block(of: &net)
        let twin = try net.again(from: net.image, to: tower, on: other)
        let outputs = [try net.scores(net.sum(tower, twin)), try net.scores(hidden)]
        let model = try net.model(outputs)
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(Networks.half(.hidden, .fixed), on: .all)))
        let shared = SharedBlock.all(in: plan.entries, of: model.graph)
        #expect(shared.count == plan.entries.count && shared.allSatisfy { $0.twins.isEmpty })
    }

    // MARK: Inputs

    @Test("An input that takes no images is given by name, or named in the error")
    func vector() throws {
        var net = try SmallNetwork()
        let (_, _, y) = try Self.block(of: &net)
        let shifted = try net.sum(net.scores(y), net.vector("shift", width: 5))
        let model = try net.model([shifted])
        #expect(throws: CalibrationError.severalInputs("shift")) {
            try Networks.calibrated(model, Networks.half(.hidden, .fixed), blocks: .all)
        }
        let images = try Self.images(for: model)
        let shifts = TensorImages(try Tensor(shape: [16, 5], (0..<80).map { Float($0 % 7) }))
        let plan = try Planner.plan(
            model.graph, ConversionRequest(.calibrated(Networks.half(.hidden, .fixed), on: .all)))
        let calibration = try Calibrator.calibrate(
            plan, model.graph, images: InputImages(images, others: ["shift": shifts]),
            options: CalibrationOptions(samples: 16, threads: 1, rows: 500))
        #expect(calibration.comparison.isOfOutput && calibration.outcomes.count == 1)
    }

    @Test("Images of other inputs come from the same circle", arguments: [0..<6, 6..<8])
    func circle(_ circle: Range<Int>) throws {
        let (_, model) = try Networks.canonical("torchvision-siamese")
        let images = try Self.images(for: model, 8)
        let inputs = try NetworkInputs(model.graph, images)
        #expect(inputs.names == ["input_0", "input_1"])
        #expect(try inputs.pairsImages)
        let batch = try inputs.batch(Array(circle), in: circle)
        let turned = Array(circle.dropFirst()) + circle.prefix(1)
        #expect(batch[0].bytes == (try images.batch(Array(circle))).bytes)
        #expect(batch[1].bytes == (try images.batch(turned)).bytes)
    }

    @Test("Uses of samples are fitted, or held out, as the samples are", arguments: [4, 9, 40], [nil, 2])
    func division(samples: Int, batch: Int?) {
        let one = SampleDivision(samples: samples, chunk: 3, batch: batch)
        let two = one.repeated(2)
        #expect(two.chunks.count == 2 * one.chunks.count)
        #expect(two.fittedSamples == 2 * one.fittedSamples)
        #expect(two.fitted.count == 2 * one.fitted.count)
        // Numbers are given out once, in order.
        #expect(two.chunks.flatMap { Array($0) } == Array(0..<(2 * (one.chunks.last?.upperBound ?? 0))))
        var seen: Set<[Int]> = []
        for index in two.chunks.indices {
            let (use, chunk) = two.fitted.count == 0 ? (0, 0) : one.place(ofRepeated: index, uses: 2)
            #expect(one.chunks[chunk].count == two.chunks[index].count)
            #expect(one.fitted.contains(chunk) == two.fitted.contains(index))
            seen.insert([use, chunk])
        }
        #expect(seen.count == two.chunks.count)
    }
}
