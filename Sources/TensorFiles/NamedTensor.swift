import GraphIR

/// A tensor and the name that its file gives it.
public struct NamedTensor: Sendable, Equatable {
    /// Nil if the file gives none.
    public var name: String?
    public var tensor: Tensor

    public init(name: String?, tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }
}
