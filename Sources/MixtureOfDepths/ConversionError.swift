import GraphIR

/// A conversion that cannot be done as requested.
public enum ConversionError: DiagnosableError, Equatable {
    case unknownBlock(String)
    case blockNotEligible(String, Obstacle)
    case alreadyConverted(blocks: Int, isRecognised: Bool)
    case nothingToConvert(reasons: [String], hasOpenShape: Bool, hiddenBlocks: Int)
    /// The selection has none of the blocks that can be converted; the first of those is named.
    case leftByPlacement(String, blocks: Int, first: String, place: String)
    case trainingMode(String)
    case quantised(String)
    case fused(String)
    case opset(have: Int, need: Int, obstacle: String)
    case unsupportedWeights(String)
    case openExtents(String)
    case notAsPlanned(String, Obstacle)
    case notFitted(String)
    case cannotBeSilenced(String)

    private static let inputShapeExample = "NAME=1x3x224x224"

    public var diagnostic: Diagnostic {
        switch self {
        case .unknownBlock(let name):
            Diagnostic(
                .usage, place: "--blocks \(name)", problem: "the model has no such residual block",
                remedy: "`modconvert inspect` lists them")
        case .blockNotEligible(let name, let obstacle):
            Diagnostic(
                .usage, place: "--blocks \(name)", problem: "this block cannot be converted: \(obstacle)",
                remedy: "choose others; `modconvert inspect` lists them")
        case .alreadyConverted(let blocks, let isRecognised):
            Diagnostic(
                .badData,
                problem: "is already a Mixture-of-Depths network (\(blocks) blocks, by "
                    + "\(isRecognised ? "their structure" : "its manifest"))",
                remedy: "convert the source file, or look at this one with `modconvert inspect`")
        case .nothingToConvert(let reasons, let hasOpenShape, let hiddenBlocks):
            Diagnostic(
                .badData,
                problem: reasons.isEmpty
                    ? "no residual block was found"
                    : "no residual block can be converted (\(reasons.joined(separator: "; ")))",
                remedy: hasOpenShape
                    ? "fix the input's shape, as in --input-shape \(ConversionError.inputShapeExample)"
                    : hiddenBlocks > 0
                        ? "--router fixed cuts hidden units, which \(hiddenBlocks) of its blocks have"
                        : "`modconvert inspect` shows each block's reason")
        case .leftByPlacement(let selection, let blocks, let first, let place):
            Diagnostic(
                .badData,
                problem: "--blocks \(selection) leaves "
                    + (blocks == 1
                        ? "the only residual block that can be converted (\(first))"
                        : "all \(blocks) residual blocks that can be converted (the first is \(first))"),
                remedy: "add --blocks all, or name blocks, as in --blocks \(place)")
        case .trainingMode(let label):
            Diagnostic(
                .badData, place: label, problem: "the model was exported in training mode",
                remedy: "export it in eval mode, in PyTorch after model.eval()")
        case .quantised(let label):
            Diagnostic(
                .badData, place: label, problem: "the model is quantised",
                remedy: "convert the fp32 file that was quantised")
        case .fused(let label):
            Diagnostic(
                .badData, place: label, problem: "the model holds operators that a runtime's optimiser fused",
                remedy: "convert the file that was optimised")
        case .opset(let have, let need, let obstacle):
            Diagnostic(
                .badData,
                problem: "MoD blocks for symbolic extents need opset \(need), the model imports \(have) and "
                    + "\(obstacle) cannot be raised to it",
                remedy:
                    "export with opset \(need) or later, or fix the shape as in --input-shape \(ConversionError.inputShapeExample)"
            )
        case .unsupportedWeights(let label):
            Diagnostic(
                .badData, place: label, problem: "weights are neither float nor float16",
                remedy: "convert the fp32 model")
        case .openExtents(let value):
            Diagnostic(
                .badData, place: value,
                problem: "its height and width are not known, which this spelling of the block needs",
                remedy: "fix the input's shape, as in --input-shape \(ConversionError.inputShapeExample)")
        case .notFitted(let scope):
            Diagnostic(
                .badData, place: "block \(scope)", problem: "calibration made no weights for it",
                remedy: "calibrate the plan that is applied")
        case .notAsPlanned(let scope, let obstacle):
            Diagnostic(
                .badData, place: "block \(scope)", problem: "cannot be written as planned: \(obstacle)",
                remedy: "leave it out by naming the others with --blocks")
        case .cannotBeSilenced(let scope):
            Diagnostic(
                .usage, place: "--init zero",
                problem: "the body of \(scope) ends in an activation, which passes no gradient from zero",
                remedy: "use --init he")
        }
    }
}
