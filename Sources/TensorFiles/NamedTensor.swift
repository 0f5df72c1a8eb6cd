import GraphIR

/// A tensor and its name in the file.
public struct NamedTensor: Sendable, Equatable {
    /// Nil if the file has none.
    public var name: String?
    /// The tensor.
    public var tensor: Tensor

    /// A tensor and its name in the file, if it has one.
    public init(name: String?, tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }
}
