import ArgumentParser
import Calibration
import MixtureOfDepths

/// How a trained network's accuracy is kept: `--recipe calibrated`.
struct CalibrationArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Images to calibrate on, without labels: a folder of .png and .jpg files, a .npy, .npz or .pb file, a folder of test data sets, an IDX file, or synthetic (generated).",
            valueName: "data"))
    var calibrate = CalibrationSource.synthetic

    @Option(help: ArgumentHelp("How many of the images are used, drawn by --seed.", valueName: "n"))
    var calibrateSamples = CalibrationArguments.usualSamples

    static let usualSamples = 256

    @Option(
        help:
            "What is chosen: hidden (the units between a block's convolutions; inputs and outputs all stay; the default of calibrated) or channels (the block's inputs; the default of paper)."
    )
    var route: CalibratedForm.Route?

    @Option(
        help:
            "What becomes of weights: refit (fitted in closed form, those of the blocks that follow too), refit-converted (those of converted blocks only), or keep."
    )
    var weights = CalibratedForm.Weights.refit

    @Option(
        help:
            "Which channels a block's result is added to: all, or first-k (the paper's; with --route channels)."
    )
    var fusion = CalibratedForm.Fusion.all

    @Flag(help: "Leave the blocks out altogether: the baseline.")
    var drop = false

    func validate() throws {
        guard (2...1_000_000).contains(calibrateSamples) else {
            throw ValidationError("--calibrate-samples takes a number from 2 to 1000000")
        }
        if fusion == .first, route != .channels {
            throw ValidationError("--fusion first-k goes with --route channels")
        }
    }

    /// Whether anything was said that the paper's recipe does not know.
    var isDefault: Bool {
        calibrate == .synthetic && weights == .refit && fusion == .all && !drop
    }

    func form(_ choice: CalibratedForm.Choice?) -> CalibratedForm {
        CalibratedForm(
            route: route ?? .hidden, choice: choice ?? .auto, fusion: fusion, weights: weights, drop: drop)
    }
}

/// Where calibration images come from.
enum CalibrationSource: ExpressibleByArgument, Equatable, CustomStringConvertible {
    case synthetic
    case data(String)

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self = argument == CalibrationRecord.synthetic ? .synthetic : .data(argument)
    }

    var description: String {
        switch self {
        case .synthetic: CalibrationRecord.synthetic
        case .data(let path): path
        }
    }
}

extension CalibratedForm.Route: ExpressibleByArgument {}
extension CalibratedForm.Choice: ExpressibleByArgument {}
extension CalibratedForm.Fusion: ExpressibleByArgument {}
extension CalibratedForm.Weights: ExpressibleByArgument {}
