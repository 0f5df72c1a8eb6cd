import GraphIR

/// A quantisation that cannot be done as requested.
public enum QuantizationError: DiagnosableError, Equatable {
    /// No layer of the network can compute in integers.
    case noLayer
    /// The network's layers compute in half precision; the first one.
    case halfPrecision(String)
    /// The height or width of the input that takes images is not fixed.
    case openSize(String)
    /// The network holds integers already; the first node that says so.
    case alreadyQuantized(String)
    /// The opset has to be raised, and a node is in the way.
    case opset(have: Int, need: Int, obstacle: String)
    /// An activation is not a finite number.
    case notFinite(String)
    /// The least-squares problem of a layer has no solution.
    case singular(String)
    /// A layer cannot be reached from the images.
    case unreachable(String)

    public var diagnostic: Diagnostic {
        switch self {
        case .noLayer:
            Diagnostic(
                .badData, problem: "no convolution or fully connected layer has constant float weights",
                remedy: "give a trained fp32 network")
        case .halfPrecision(let node):
            Diagnostic(
                .badData, place: node, problem: "its weights are float16, and integers are fitted to float32",
                remedy: "give the fp32 file that it was made from")
        case .openSize(let input):
            Diagnostic(
                .badData, place: "input \"\(input)\"",
                problem: "its channels, height and width are not all fixed",
                remedy: "fix them with --input-shape")
        case .alreadyQuantized(let node):
            Diagnostic(
                .badData, place: node, problem: "the network is quantised already",
                remedy: "give the fp32 file that it was made from")
        case .opset(let have, let need, let obstacle):
            Diagnostic(
                .badData, place: obstacle,
                problem:
                    "opset \(have) has no scales for each channel, and this node cannot be raised to \(need)",
                remedy: "export with opset \(need) or higher")
        case .notFinite(let value):
            Diagnostic(
                .badData, place: "value \"\(value)\"",
                problem: "calibration data give numbers that are not finite",
                remedy: "check the data's scale (--preprocess, --mean, --std)")
        case .singular(let layer):
            Diagnostic(
                .badData, place: layer, problem: "its least-squares problem has no solution",
                remedy: "give more, or more varied, calibration images, or --rounding nearest")
        case .unreachable(let layer):
            Diagnostic(
                .badData, place: layer,
                problem: "its input cannot be computed from the images for each of them",
                remedy: "fix the input's height and width with --input-shape")
        }
    }
}
