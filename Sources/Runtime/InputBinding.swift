import GraphIR

/// The caller's tensors, matched with a graph's inputs and checked against their declarations.
struct InputBinding {
    /// The tensors by the graph inputs that they are given for.
    let tensors: [ValueID: PinnedTensor]

    /// - Throws: `RuntimeError` for missing or unknown inputs, for a type or shape other than declared, and
    ///   for inputs that disagree about the extent of a symbol.
    init(_ graph: Graph, _ inputs: [String: Tensor]) throws(RuntimeError) {
        let names = graph.inputs.map { graph[$0].name }
        if let unknown = Set(inputs.keys).subtracting(names).min() {
            throw .unknownInput(unknown, known: names)
        }
        var tensors: [ValueID: PinnedTensor] = [:]
        var symbols: [String: Int] = [:]
        for id in graph.inputs {
            let value = graph[id]
            guard let tensor = inputs[value.name] else {
                guard value.initializer != nil else { throw .missingInput(value.name) }
                continue
            }
            // An unnamed batch binds nothing: it may differ between inputs.
            if let declared = value.signatureType?.tensor {
                try InputBinding.check(value.name, tensor, declared, &symbols)
            }
            tensors[id] = PinnedTensor(tensor)
        }
        self.tensors = tensors
    }

    /// The types of the given inputs, which a plan depends on.
    var types: [ValueID: TensorType] { tensors.mapValues(\.tensor.type) }

    private static func check(
        _ name: String, _ tensor: Tensor, _ declared: TensorType, _ symbols: inout [String: Int]
    ) throws(RuntimeError) {
        guard tensor.elementType == declared.elementType else {
            throw .inputType(name, expected: declared.elementType, found: tensor.elementType)
        }
        guard let shape = declared.shape else { return }
        guard declared.merged(with: tensor.type) != nil else {
            throw .inputShape(name, expected: shape, found: tensor.shape)
        }
        for case (.symbol(let symbol), let extent) in zip(shape.dims, tensor.shape) {
            if let first = symbols[symbol], first != extent {
                throw .symbol(symbol, first: first, second: extent, input: name)
            }
            symbols[symbol] = extent
        }
    }
}
