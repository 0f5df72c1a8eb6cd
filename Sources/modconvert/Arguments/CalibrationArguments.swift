import ArgumentParser
import Calibration
import GraphIR
import MixtureOfDepths

/// The images of a calibration.
struct CalibrationDataArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Images to calibrate on, without labels: a folder of images, a .npy, .npz, .pb or IDX file, a folder of test data sets, or synthetic (generated; the default).",
            valueName: "data"))
    var calibrate: CalibrationSource?

    @Option(
        help: ArgumentHelp(
            "How many of the images are used, drawn by --seed (default: \(CalibrationData.usualSamples); of generated ones as many as show a million pixels, at least 64).",
            valueName: "n", visibility: .hidden))
    var calibrateSamples: Int?

    func validate() throws {
        guard (2...1_000_000).contains(calibrateSamples ?? 2) else {
            throw ValidationError("--calibrate-samples takes a number from 2 to 1000000")
        }
    }

    /// The images in the form that a request takes.
    ///
    /// - Parameter graph: the network that takes them.
    func record(_ images: ImageOptions, for graph: Graph) -> CalibrationData {
        settled(
            CalibrationData(
                source: calibrate?.description ?? CalibrationData.synthetic,
                preprocessing: images.record.isEmpty ? nil : images.record),
            for: graph)
    }

    /// A request's images, as many as the user asks for, or as are usual for a network.
    func settled(_ images: CalibrationData, for graph: Graph) -> CalibrationData {
        var images = images
        images.samples = calibrateSamples ?? images.usualSamples(for: graph)
        return images
    }
}

/// The data and the settings of a calibration.
struct CalibrationArguments: ParsableArguments {
    @OptionGroup var data: CalibrationDataArguments

    @Option(
        help: ArgumentHelp(
            "Fit weights in closed form (refit); then tune each converted block by gradients (tune, which takes longer: the default with images of your own and a ratio of at most 0.25); fit those of converted blocks only (refit-converted), or none (keep).",
            visibility: .hidden))
    var weights: CalibratedRecipe.Weights?

    @Option(
        help: ArgumentHelp(
            "Add to each reduced block a bias that depends on the image, through d features of its mean: a number, none, or auto (if the network is closer to its source with it; the default of ratios up to 1/4 with --weights refit, and of generated images below 1/2).",
            valueName: "d"))
    var dynamicBias: BiasChoice?

    func validate() throws {
        if weights == .keep, let dynamicBias, dynamicBias != .none {
            throw ValidationError("--dynamic-bias is fitted, and --weights keep fits nothing: leave one out")
        }
    }
}

/// The things that are chosen in a block.
struct UnitsArguments: ParsableArguments {
    @Option(
        help:
            "Reduce channels (the block's inputs; the default with a ratio) or hidden (the units between a block's convolutions; the default of calibrated with topk, fixed or auto). A budget takes either."
    )
    var route: RouteName?

    @Option(
        help: ArgumentHelp(
            "With --route channels, add a block's result to all channels, or to the first k (first-k, the paper's).",
            visibility: .hidden))
    var fusion: BlockReduction.Fusion?
}

/// The source of calibration images.
enum CalibrationSource: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case synthetic
    case data(String)

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self = argument == CalibrationData.synthetic ? .synthetic : .data(argument)
    }

    var description: String {
        switch self {
        case .synthetic: CalibrationData.synthetic
        case .data(let path): path
        }
    }
}

/// The things that a block's router chooses, or would choose.
enum RouteName: String, ExpressibleByArgument, CaseIterable {
    case hidden, channels

    /// The route of a calibrated conversion.
    var calibrated: ReductionDefaults.Route {
        switch self {
        case .hidden: .hidden
        case .channels: .channels
        }
    }
}

/// The recipes of a conversion.
enum RecipeName: String, ExpressibleByArgument, CaseIterable {
    /// The paper's block, with weights sliced from the source: a starting point for training.
    case paper
    /// Blocks that keep a trained network's predictions, with weights computed from images.
    case calibrated
}

extension BlockReduction.RouterChoice: ExpressibleByArgument {}
extension BlockReduction.Fusion: ExpressibleByArgument {}
extension CalibratedRecipe.Weights: ExpressibleByArgument {}

extension BiasChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
