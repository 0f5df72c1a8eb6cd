import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Passes
import Synchronization

/// One example of every form of block, in every spelling that differs. What holds for all forms is tested on
/// these; a new form adds its examples here.
public struct FormExample: Sendable, CustomStringConvertible {
    public let description: String
    public let recipe: Recipe
    /// The batch of the file; nil leaves it open.
    public let batch: BatchExtent?

    private init(_ description: String, _ recipe: Recipe, batch: BatchExtent? = nil) {
        self.description = description + (batch.map { ", batch \($0)" } ?? "")
        self.recipe = recipe
        self.batch = batch
    }

    /// The example for files of a fixed batch.
    private func with(batch: String) -> FormExample {
        FormExample(description, recipe, batch: BatchExtent(batch))
    }

    /// Targets whose spellings differ.
    public static let targets: [Target] = [
        .portable, .onnxruntime, .openvino, .tflite, .training, .literal, .fast,
    ]

    public static let all: [FormExample] = paper + calibrated

    /// The portable gathers differ by batch; TensorFlow Lite's is another one for a batch of 1, for which it reads a file.
    private static func everyBatch(_ example: FormExample) -> [FormExample] {
        guard example.recipe.router != Router.fixed.rawValue else { return [example] }
        return switch example.recipe.target {
        case .portable: [example, example.with(batch: "1"), example.with(batch: "4")]
        case .tflite: [example.with(batch: "1")]
        default: [example]
        }
    }

    /// Half of the blocks' channels or units, of every other block.
    private static let half = ModRatio("0.5")

    /// The forms that are to be trained.
    public static let paper: [FormExample] = targets.flatMap { target in
        let routes: [(String, PaperRecipe.Route)] = [
            ("channels", .channels), ("hidden", .hidden(multiple: 2)),
        ]
        return routes.flatMap { name, route in
            Router.allCases.flatMap { router in
                half.map {
                    everyBatch(
                        FormExample(
                            "paper \(name), \(router.rawValue), \(target.rawValue)",
                            .paper(
                                PaperRecipe(
                                    ratio: $0, route: route, router: router, weights: .he, target: target),
                                on: .alternate)))
                } ?? []
            }
        }
    }

    /// The forms that are fitted.
    public static let calibrated: [FormExample] = {
        guard let half else { return [] }
        let reductions: [(String, BlockReduction)] = [
            ("fixed hidden", BlockReduction(.hidden, router: .fixed)),
            ("routed hidden", BlockReduction(.hidden, router: .topk)),
            ("fixed channels", BlockReduction(.channels(.all), router: .fixed)),
            ("routed channels", BlockReduction(.channels(.all), router: .topk)),
            ("paired channels", BlockReduction(.channels(.all), router: .pairs)),
        ]
        let firsts = targets.flatMap { target in
            [BlockReduction.RouterChoice.fixed, .topk, .pairs].map { router in
                (
                    "\(router.rawValue) channels, first k, \(target.rawValue)",
                    BlockReduction(.channels(.first), router: router, target: target)
                )
            }
        }
        func example(
            _ name: String, _ goal: CalibratedRecipe.Goal, bias: BiasChoice = .none,
            on blocks: BlockSelection = .alternate
        ) -> FormExample {
            let recipe = CalibratedRecipe(goal, images: CalibrationData(samples: 8), bias: bias)
            return FormExample(name, .calibrated(recipe, on: blocks))
        }
        let biased = reductions + firsts.filter { $0.1.router != .topk && $0.1.target != .fast }
        let fixed = BlockReduction(.hidden, router: .fixed)
        return (reductions + firsts).flatMap { everyBatch(example($0, .share(half, $1))) }
            + biased.map { example("\($0), bias", .share(half, $1), bias: .rank(3)) } + [
                example("fixed hidden, all blocks", .share(half, fixed), on: .all),
                example("fixed hidden, bias, all blocks", .share(half, fixed), bias: .rank(64), on: .all),
                example("dropped", .dropped),
            ]
    }()

    /// A fixture, converted by the example's recipe. Later calls return the same network: calibration takes
    /// seconds in a debug build.
    public func converted(_ fixture: String = "torchvision-opset17") throws -> ConvertedNetwork {
        let key = "\(fixture): \(description)"
        if let network = Self.networks.withLock({ $0[key] }) { return network }
        let source = ConversionSource(try Fixtures.model(fixture))
        let settings = CalibrationSettings(threads: 1)
        let network = try CanonicalNetwork(source, ConversionRequest(recipe, batch: batch)).planned()
            .fitted(settings).converted()
        Self.networks.withLock { $0[key] = network }
        return network
    }

    private static let networks = Mutex<[String: ConvertedNetwork]>([:])
}
