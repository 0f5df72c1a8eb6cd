import GraphIR

/// The shape that a user gives a graph input: `name=1x3x224x224`.
public struct InputShape: Sendable, Equatable, CustomStringConvertible {
    /// Nil if the model has one input, which needs no name.
    public let name: String?
    /// Numbers of at least 1, and symbols for extents that stay open.
    public let dims: [Dim]

    /// A shape as a user writes it: `1x3x224x224`, `Nx3x224x224`, `name=1x3x224x224`, with commas as well.
    ///
    /// The last `=` separates name and extents, since names may contain one. A symbol starts with a letter or
    /// underscore, followed by letters, digits and underscores; `x` is excluded, since it separates the
    /// extents.
    ///
    /// - Returns: nil for any other text.
    public init?(_ text: String) {
        let equals = text.lastIndex(of: "=")
        name = equals.map { String(text[..<$0]) }
        let extents = equals.map { text[text.index(after: $0)...] } ?? text[...]
        var dims: [Dim] = []
        for part in extents.split(
            separator: extents.contains(",") ? "," : "x", omittingEmptySubsequences: false)
        {
            guard let dim = InputShape.dim(part) else { return nil }
            dims.append(dim)
        }
        guard name?.isEmpty != true else { return nil }
        self.dims = dims
    }

    private static func dim(_ text: Substring) -> Dim? {
        if let extent = Int(text) { return extent >= 1 && text.first != "+" ? .fixed(extent) : nil }
        let isName = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard isName, let first = text.first, !first.isNumber else { return nil }
        return .symbol(String(text))
    }

    public var description: String { (name.map { "\($0)=" } ?? "") + Shape(dims).description }
}

/// A shape that the model's inputs cannot have.
public struct InputShapeError: DiagnosableError, Equatable {
    let option: String
    let shape: InputShape
    let problem: String
    let remedy: String

    init(_ option: String, _ shape: InputShape, _ problem: String, remedy: String) {
        self.option = option
        self.shape = shape
        self.problem = problem
        self.remedy = remedy
    }

    public var diagnostic: Diagnostic {
        Diagnostic(.usage, place: "\(option) \(shape)", problem: problem, remedy: remedy)
    }
}
