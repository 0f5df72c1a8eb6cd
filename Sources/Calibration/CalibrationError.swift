import GraphIR

/// A calibration that cannot be done as requested.
public enum CalibrationError: DiagnosableError, Equatable {
    /// The value is not computed from the images for each sample.
    case notComparable(String)
    /// An input besides the first one takes no such images, and the source has nothing of its name.
    case severalInputs(String)
    /// No block can be run: all depend on a node that cannot be, given as diagnostics name it, and why.
    case notRunnable(node: String, problem: String)
    /// An activation is not a finite number.
    case notFinite(block: String)
    case dynamicShape(String)
    case tooFewImages(Int)
    case singular(block: String)
    case imageShape(expected: String, found: String)
    case elementType(String)
    case noTarget(String)
    /// Generated images have no scale: the file stores no statistics of its images, which have so many channels.
    case noPixelScale(channels: Int)
    /// A part of the images has no batch of them.
    case emptyPart(String, batches: Int)
    /// The plan was made by another recipe.
    case notCalibrated
    /// No block of the network chooses by its input.
    case noRouting
    /// A router's indices are not those of its highest scores.
    case notAChoice(block: String)

    public var diagnostic: Diagnostic {
        switch self {
        case .notComparable(let value):
            Diagnostic(
                .badData, place: "value \"\(value)\"",
                problem: "is not computed from the images for each of them, so calibration cannot follow it",
                remedy: "convert with --recipe paper, and train")
        case .severalInputs(let input):
            Diagnostic(
                .badData, place: "input \"\(input)\"",
                problem: "takes other things than the first input, and the data hold nothing of that name",
                remedy: "give an .npz file with an array for each input, by its name")
        case .notRunnable(let node, let problem):
            Diagnostic(
                .badData, place: node, problem: "\(problem), and calibration has to run the blocks behind it",
                remedy: "convert with --recipe paper, and train")
        case .notFinite(let block):
            Diagnostic(
                .badData, place: "block \(block)",
                problem: "calibration data give numbers that are not finite",
                remedy: "check the data's scale (--preprocess, --mean, --std)")
        case .dynamicShape(let value):
            Diagnostic(
                .badData, place: "value \"\(value)\"", problem: "its height and width are not static",
                remedy: "export with fixed input sizes, or convert with --recipe paper")
        case .tooFewImages(let count):
            Diagnostic(
                .badData, problem: "calibration needs at least 2 images, there are \(count)",
                remedy: "give more images, or --calibrate synthetic")
        case .singular(let block):
            Diagnostic(
                .badData, place: "block \(block)", problem: "its least-squares problem has no solution",
                remedy: "give more, or more varied, calibration images")
        case .imageShape(let expected, let found):
            Diagnostic(
                .badData, problem: "the network takes images of \(expected), the data are \(found)",
                remedy: "give images of that shape")
        case .elementType(let type):
            Diagnostic(
                .badData, problem: "calibration takes networks of float inputs, this one takes \(type)",
                remedy: "convert the fp32 file")
        case .noPixelScale(let channels):
            Diagnostic(
                .usage,
                problem: "the file does not tell the scale of its images of \(channels) "
                    + "\(channels == 1 ? "channel" : "channels"), and generated images need it",
                remedy:
                    "give --mean and --std as for real images, --preprocess none for 0 to 255, or images with "
                    + "--calibrate")
        case .noTarget(let problem):
            Diagnostic(.usage, problem: problem, remedy: "ask for less")
        case .emptyPart(let part, let batches):
            Diagnostic(
                .usage, place: "--shard \(part)",
                problem: "the images make \(batches) batches, too few for so many parts",
                remedy: "share them among at most \(batches)")
        case .notCalibrated:
            Diagnostic(
                .usage, problem: "the plan's blocks are to be trained, not calibrated",
                remedy: "plan with the calibrated recipe")
        case .noRouting:
            Diagnostic(
                .badData, problem: "no block chooses channels or units by its input",
                remedy: "leave --routing out, or convert with --router topk")
        case .notAChoice(let block):
            Diagnostic(
                .badData, place: "block \(block)", problem: "its router's values are no choice as described",
                remedy: "convert the source again")
        }
    }
}
