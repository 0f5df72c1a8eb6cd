import GraphIR

extension Model {
    /// The paths of the files that hold its weights: the model's own as it was given, those beside it without
    /// links.
    public var weightFiles: Set<String> {
        Set(graph.initializers.compactMap { $0.initializer?.bytes.file?.path })
    }
}
