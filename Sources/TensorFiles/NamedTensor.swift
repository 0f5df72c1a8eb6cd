import GraphIR

/// A tensor and the name that its file gives it.
public struct NamedTensor: Sendable, Equatable {
    /// Nil if the file gives none.
    public var name: String?
    /// The tensor.
    public var tensor: Tensor

    /// A tensor with the name that its file gives it, if there is one.
    public init(name: String?, tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }
}
