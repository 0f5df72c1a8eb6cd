import GraphIR

/// A tensor file that cannot be understood, or a tensor that a file format cannot hold.
public struct TensorFileError: DiagnosableError, Equatable {
    public enum Kind: Sendable, Equatable {
        /// The bytes are not what the format asks for.
        case malformed
        /// Well formed, but of a kind that is not handled.
        case unsupported
        /// Larger than a limit allows.
        case limit
        /// A folder that does not hold what test data consist of.
        case testData
    }

    public let kind: Kind
    public var diagnostic: Diagnostic

    public init(
        _ kind: Kind, file: String? = nil, place: String? = nil, _ problem: String, remedy: String? = nil
    ) {
        let advice =
            switch kind {
            case .malformed: "the file is damaged; write it again"
            case .unsupported: "use .npy, .npz or .pb with numbers or booleans"
            case .limit: "split the file"
            case .testData: "name a folder that holds input_0.pb or test_data_set_0"
            }
        self.kind = kind
        diagnostic = Diagnostic(
            kind == .testData ? .noInput : .badData, file: file, place: place, problem: problem,
            remedy: remedy ?? advice)
    }

    /// The same error with the file that it is about.
    func inFile(_ path: String) -> TensorFileError {
        var error = self
        if error.diagnostic.file == nil { error.diagnostic.file = path }
        return error
    }
}
