import GraphIR

extension Tensor {
    /// Adds shape and contents to a hash. O(bytes).
    func combineContents(into hasher: inout Hasher) {
        hasher.combine(shape)
        hasher.combine(strings)
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
