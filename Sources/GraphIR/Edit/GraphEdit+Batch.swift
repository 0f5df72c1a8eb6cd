extension GraphEdit {
    /// Gives every required input another first extent. The types of all other computed values followed from the
    /// old one, so they are removed, as are the declared ones: infer them again. O(values).
    ///
    /// An input of unknown shape, or of rank 0, loses its type as well.
    public mutating func setBatch(_ batch: Dim) {
        let given = Set(graph.requiredInputs)
        for value in graph.values where value.initializer == nil {
            guard let type = value.tensorType else { continue }
            setDeclaredType(value.id, nil)
            guard given.contains(value.id), var shape = type.shape, shape.rank > 0 else {
                setType(value.id, nil)
                continue
            }
            shape[0] = batch
            setType(value.id, .tensor(TensorType(type.elementType, shape)))
        }
    }
}
