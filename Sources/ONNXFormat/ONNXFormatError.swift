import GraphIR

/// A model or tensor file that is invalid, unsupported or refused.
public struct ONNXFormatError: DiagnosableError, Equatable {
    /// The kind of problem.
    public enum Kind: Sendable, Equatable {
        /// The bytes are not a valid message.
        case malformed
        /// The message is well formed, but its graph is invalid: names, cycles, types, attributes.
        case invalidGraph
        /// Well formed, but of an unsupported version or kind.
        case unsupported
        /// Exceeds `ImportLimits`.
        case limit
        /// External data that is missing, out of range, or outside the model's folder.
        case externalData
    }

    /// The kind of problem.
    public let kind: Kind
    public var diagnostic: Diagnostic

    /// - Parameters:
    ///   - place: the place in the file, such as `initializer "conv1.weight"`.
    ///   - remedy: the advice to the user; nil for the kind's usual advice.
    public init(_ kind: Kind, place: String? = nil, _ problem: String, remedy: String? = nil) {
        let advice =
            switch kind {
            case .malformed: "the file is damaged or not an ONNX file; get it again"
            case .invalidGraph: "export the model again"
            case .unsupported: "export the model with standard ONNX of opset 7 or later"
            case .limit: "raise the limit if the file is trusted (--max-nodes, --max-memory)"
            case .externalData: "keep the data file in the model's folder, as it was exported"
            }
        self.kind = kind
        diagnostic = Diagnostic(.badData, place: place, problem: problem, remedy: remedy ?? advice)
    }

    /// An error of the graph or of an operator, as an error of its file.
    init(_ error: any DiagnosableError, kind: Kind = .invalidGraph, place: String? = nil) {
        self.kind = (error as? ONNXFormatError)?.kind ?? kind
        diagnostic = error.diagnostic
        if diagnostic.place == nil { diagnostic.place = place }
        if diagnostic.remedy == nil { diagnostic.remedy = "export the model again" }
    }

    /// The same error with the path of its file.
    func inFile(_ path: String) -> ONNXFormatError {
        var error = self
        if error.diagnostic.file == nil { error.diagnostic.file = path }
        return error
    }
}
