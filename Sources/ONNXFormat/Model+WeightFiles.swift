import GraphIR

extension Model {
    /// The paths of the files that hold the model's weights: the model file's as it was given, those of data
    /// files with links resolved.
    public var weightFiles: Set<String> {
        Set(graph.initializers.compactMap { $0.initializer?.bytes.file?.path })
    }
}
