import GraphIR

/// A tensor file that is invalid or unsupported, or a tensor that a file format cannot hold.
public struct TensorFileError: DiagnosableError, Equatable {
    /// The kind of problem.
    public enum Kind: Sendable, Equatable {
        /// The bytes do not follow the format.
        case malformed
        /// Well formed, but of an unsupported kind.
        case unsupported
        /// Exceeds a limit.
        case limit
        /// A folder without the files of test data.
        case testData
        /// Images that a model's input does not accept, or a preprocessing that does not fit it.
        case preprocessing
    }

    /// The kind of problem.
    public let kind: Kind
    public var diagnostic: Diagnostic

    /// An error about a file.
    public init(
        _ kind: Kind, file: String? = nil, place: String? = nil, _ problem: String, remedy: String? = nil
    ) {
        let advice =
            switch kind {
            case .malformed: "the file is damaged; write it again"
            case .unsupported: "use .npy, .npz or .pb with numbers or booleans"
            case .limit: "split the file"
            case .testData: "name a folder that holds input_0.pb or test_data_set_0"
            case .preprocessing: "give the input as a .npy, .npz or .pb file"
            }
        let category: Diagnostic.Category =
            switch kind {
            case .malformed, .unsupported, .limit: .badData
            case .testData: .noInput
            case .preprocessing: .usage
            }
        self.kind = kind
        diagnostic = Diagnostic(
            category, file: file, place: place, problem: problem, remedy: remedy ?? advice)
    }

    /// The same error with the path of its file.
    func inFile(_ path: String) -> TensorFileError {
        var error = self
        if error.diagnostic.file == nil { error.diagnostic.file = path }
        return error
    }

    /// Runs `body`; errors that lack a file's path get this one.
    static func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as TensorFileError {
            throw error.inFile(path)
        }
    }
}
