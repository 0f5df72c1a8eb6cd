import MixtureOfDepths
import Passes
import Testing

@testable import modconvert

/// What `explain` prints is what was asked for: the words of a request, parsed, give the same request.
@Suite struct RequestWordsTests {
    /// The recipe that options ask for on a trained file.
    private static func calibrated(_ options: [String]) throws -> CalibratedRecipe {
        let command = try #require(
            try ModConvert.parseAsRoot(["convert", "model.onnx"] + options) as? Convert)
        let recipe = try command.resolver.resolve { false }.request.recipe
        guard case .calibrated(let calibrated, _) = recipe else { throw OtherRecipe(recipe: recipe) }
        return calibrated
    }

    private struct OtherRecipe: Error { let recipe: Recipe }

    @Test("The words of a request give the request again", arguments: 0..<400)
    func wordsGiveTheRequest(_ seed: Int) throws {
        var generator = RequestGenerator(seed: UInt64(seed))
        let request = generator.request()
        let words = ["convert", "model.onnx"] + request.commandWords
        let command = try #require(try ModConvert.parseAsRoot(words) as? Convert)
        let resolution = try command.resolver.resolve {
            Issue.record("the words leave the recipe open: \(words)")
            return false
        }
        #expect(resolution.request == request, "\(words)")
    }

    @Test(
        "An option that means nothing to the recipe is named",
        arguments: [
            ["--target-macs", "0.8M", "--init", "he"], ["--target-macs", "0.8M", "--bn", "separate"],
            ["--mod-ratio", "0.5", "--recipe", "paper", "--calibrate-samples", "99"],
            ["--mod-ratio", "0.5", "--recipe", "paper", "--preprocess", "caffe"],
            ["--mod-ratio", "0.5", "--recipe", "paper", "--fusion", "all"],
            ["--mod-ratio", "0.5", "--recipe", "paper", "--weights", "keep"],
            ["--mod-ratio", "0.5", "--recipe", "paper", "--drop"],
            ["--mod-ratio", "0.5", "--recipe", "paper", "--mod-width", "2"],
            ["--mod-ratio", "0.5", "--recipe", "calibrated", "--mod-width", "2", "--route", "hidden"],
            ["--mod-ratio", "0.5", "--router", "auto", "--fusion", "first-k"],
            ["--target-macs", "0.8M", "--fusion", "first-k"],
            ["--mod-ratio", "0.5", "--recipe", "calibrated", "--size", "32"],
            ["--mod-ratio", "0.5", "--recipe", "calibrated", "--bn", "keep"],
            ["--drop", "--mod-ratio", "0.5"], ["--drop", "--router", "fixed"],
            ["--drop", "--dynamic-bias", "8"], ["--drop", "--round-to", "8"],
        ])
    func meaningless(_ options: [String]) throws {
        let command = try #require(
            try ModConvert.parseAsRoot(["convert", "model.onnx"] + options) as? Convert)
        let error = #expect(throws: UsageError.self) { try command.resolver.resolve { false } }
        let place = try #require(error?.diagnostic.place)
        #expect(options.contains(place))
        #expect(error?.diagnostic.problem.contains("means nothing to the") == true)
    }

    @Test(
        "Blocks are tuned by default where images are real and at most a quarter of each block stays",
        arguments: [
            (["--mod-ratio", "0.25", "--calibrate", "x.npy"], CalibratedRecipe.Weights.tune),
            (["--mod-ratio", "0.25", "--calibrate", "x.npy", "--weights", "refit"], .refit),
            (["--mod-ratio", "0.26", "--calibrate", "x.npy"], .refit),
            (["--mod-ratio", "0.5", "--calibrate", "x.npy", "--weights", "tune"], .tune),
            (["--mod-ratio", "0.25", "--calibrate", "synthetic"], .refit),
            (["--target-macs", "1M", "--calibrate", "x.npy"], .refit),
            (["--drop", "--calibrate", "x.npy"], .refit),
        ])
    func weights(_ options: [String], _ weights: CalibratedRecipe.Weights) throws {
        #expect(try Self.calibrated(options).weights == weights)
    }

    @Test(
        "A bias is decided where little is left of each block, sooner with generated images",
        arguments: [
            (["--mod-ratio", "0.5"], BiasChoice.none), (["--mod-ratio", "0.49"], .auto),
            (["--mod-ratio", "0.25"], .auto), (["--target-macs", "1M"], .auto),
            (["--mod-ratio", "0.26", "--calibrate", "x.npy"], .none),
            (["--mod-ratio", "0.25", "--calibrate", "x.npy", "--weights", "refit"], .auto),
            (["--mod-ratio", "0.25", "--calibrate", "x.npy"], .none),
            (["--target-macs", "1M", "--calibrate", "x.npy"], .none),
            (["--mod-ratio", "0.5", "--dynamic-bias", "auto"], .auto),
        ])
    func bias(_ options: [String], _ expected: BiasChoice) throws {
        #expect(try Self.calibrated(options).bias == expected)
    }

    @Test(
        "A ratio asks for pairs, a budget for any form",
        arguments: [
            (["--mod-ratio", "0.5"], BlockReduction(.channels(.all), router: .pairs)),
            (
                ["--mod-ratio", "0.5", "--fusion", "first-k"],
                BlockReduction(.channels(.first), router: .pairs)
            ),
            (["--mod-ratio", "0.5", "--router", "fixed"], BlockReduction(.hidden, router: .fixed)),
            (["--mod-ratio", "0.5", "--route", "hidden"], BlockReduction(.hidden, router: .auto)),
            (["--mod-ratio", "0.5", "--route", "channels"], BlockReduction(.channels(.all), router: .pairs)),
            (["--target-macs", "1M"], BlockReduction(.any, router: .auto)),
            (["--target-macs", "1M", "--router", "fixed"], BlockReduction(.any, router: .fixed)),
            (["--target-macs", "1M", "--router", "pairs"], BlockReduction(.channels(.all), router: .pairs)),
            (["--target-macs", "1M", "--route", "hidden"], BlockReduction(.hidden, router: .auto)),
        ])
    func reduction(_ options: [String], _ expected: BlockReduction) throws {
        #expect(try Self.calibrated(options).reduction == expected)
    }

    @Test(
        "A file is taken as trained unless it is known not to be, or an option is for training",
        arguments: [
            ([], false, "calibrated"), ([], true, "paper"), (["--init", "he"], false, "paper"),
            (["--bn", "separate"], false, "paper"), (["--emit", "train"], false, "paper"),
            (["--calibrate", "images"], true, "calibrated"), (["--recipe", "paper"], false, "paper"),
            (["--recipe", "calibrated"], true, "calibrated"), (["--router", "auto"], true, "calibrated"),
            (["--router", "pairs"], true, "calibrated"),
        ])
    func recipe(_ options: [String], _ isUntrained: Bool, _ recipe: String) throws {
        let words = ["convert", "model.onnx", "--mod-ratio", "0.5"] + options
        let command = try #require(try ModConvert.parseAsRoot(words) as? Convert)
        #expect(try command.resolver.resolve { isUntrained }.request.recipe.name == recipe)
    }
}

/// Draws requests, every part of which is likely to differ from the usual.
private struct RequestGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed, stream: "requests") }

    mutating func request() -> ConversionRequest {
        let shapes = ["input=1x3x32x32", "Nx3x224x224", "a=b=2x1x28x28"].compactMap { InputShape($0) }
        return ConversionRequest(
            recipe(), seed: pick([0, 1, .max]),
            inputShapes: Bool.random(using: &generator) ? [] : [pick(shapes)],
            batch: pick([nil, BatchExtent("1"), BatchExtent("N")]))
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &generator)]
    }

    private mutating func ratio() -> ModRatio {
        pick(["1/64", "0.3", "0.5", "3/8", "1"].compactMap { ModRatio($0) })
    }

    private mutating func recipe() -> Recipe {
        let blocks: BlockSelection = pick([.alternate, .all, .named(["layer3.1", "2.0"])])
        switch pick([0, 1, 2]) {
        case 0: return .paper(paper(), on: blocks)
        case 1:
            var recipe = paper()
            recipe.weights = pick([.slice, .zero])
            return .deepened(recipe, depths: pick([[3, 4], [3, 4, 14, 3]]))
        default: return .calibrated(calibrated(), on: blocks)
        }
    }

    private mutating func paper() -> PaperRecipe {
        var recipe = PaperRecipe(
            ratio: ratio(), roundTo: pick([nil, 8, 16]),
            route: pick([.channels, .hidden(multiple: 1), .hidden(multiple: 3)]),
            router: pick(Router.allCases), weights: pick(WeightsPolicy.allCases),
            batchNormalization: pick(BatchNormalizationPolicy.allCases), target: pick(Target.allCases))
        if recipe.target.obstacleToRouters != nil { recipe.router = .fixed }
        return recipe
    }

    private mutating func calibrated() -> CalibratedRecipe {
        var reduction = BlockReduction(
            pick([.hidden, .channels(.all), .channels(.first)]),
            router: pick(BlockReduction.RouterChoice.allCases), roundTo: pick([nil, 8, 16]),
            target: pick(Target.allCases))
        if reduction.ways.contains(where: { reduction.target.obstacle(to: $0) != nil }) {
            reduction.router = .fixed
        }
        reduction = reduction.adaptedToTarget
        let budgets = [
            Budget(.macs, "3.0G"), Budget(.macs, "850000"), Budget(.macs, "50%"), Budget(.speedup, "1.25"),
            Budget(.drop, "0.5%"),
        ].compactMap { $0 }
        var either = reduction
        if reduction.router != .pairs { either.units = pick([reduction.units, .any]) }
        either = either.adaptedToTarget
        var recipe = CalibratedRecipe(
            pick([
                .share(ratio(), reduction), .budget(pick(budgets), either), .dropped,
                .droppedFor(pick(budgets)),
            ]),
            weights: pick(CalibratedRecipe.Weights.allCases), images: images())
        if recipe.takesBias { recipe.bias = pick([recipe.usualBias, .none, .auto, .rank(1), .rank(16)]) }
        return recipe
    }

    private mutating func images() -> CalibrationData {
        let source = pick([CalibrationData.synthetic, "images/", "-pictures.npy"])
        var preprocessing = CalibrationData.Preprocessing(
            preset: pick([nil, "caffe", "none"]), mean: pick([nil, [0.1, -0.2, 1e-7]]),
            deviation: pick([nil, [0.3]]), scale: pick([nil, 1 / 255]))
        if source != CalibrationData.synthetic {
            preprocessing.size = pick([nil, [32, 32], [48, 64]])
            preprocessing.shortSide = pick([nil, 44])
            preprocessing.layout = pick([nil, "nchw", "nhwc"])
        }
        return CalibrationData(
            source: source, preprocessing: preprocessing.isEmpty ? nil : preprocessing,
            samples: pick([2, 256, 1000]))
    }
}
