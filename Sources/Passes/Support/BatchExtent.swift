import GraphIR

/// The batch that a user gives a network's inputs: a number of at least 1, or a name for any number.
public struct BatchExtent: Sendable, Equatable, CustomStringConvertible {
    /// The extent.
    public let dim: Dim

    /// A batch as a user writes it: `1`, `N`; nil for any other text.
    public init?(_ text: String) {
        guard let shape = InputShape(text), shape.name == nil, shape.dims.count == 1 else { return nil }
        dim = shape.dims[0]
    }

    public var description: String { Shape([dim]).description }
}

/// A batch that a network cannot take.
public struct BatchError: DiagnosableError, Equatable {
    let batch: BatchExtent
    let problem: String
    let remedy: String

    public var diagnostic: Diagnostic {
        Diagnostic(.usage, place: "--batch \(batch)", problem: problem, remedy: remedy)
    }
}
