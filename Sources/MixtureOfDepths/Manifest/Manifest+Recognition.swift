import GraphIR

extension Manifest {
    /// What a model says of its MoD blocks, or else what can be seen of them: PyTorch's exports have no manifest.
    ///
    /// - Parameter graph: the model's graph in canonical form, in which recognised blocks have their values.
    /// - Returns: nil for a network without MoD blocks.
    public static func of(_ model: Model, canonical graph: Graph) -> Manifest? {
        Manifest(model) ?? recognised(in: graph)
    }

    /// A manifest of the blocks that a canonical graph's structure shows; nil if there are none.
    public static func recognised(in graph: Graph) -> Manifest? {
        let blocks = MoDRecogniser.blocks(in: graph)
        guard let first = blocks.first else { return nil }
        let (part, whole) =
            first.widths == nil
            ? (first.processed, first.channels) : (first.hidden.first ?? 1, first.widths?.first ?? 1)
        var manifest = Manifest(
            version: "unknown", ratio: ModRatio(numerator: part, denominator: whole)?.description ?? "?",
            router: (blocks.contains(where: \.isRouted) ? Router.topk : .fixed).rawValue, weights: "trained",
            selectorReduction: first.selectorHidden.map { first.channels / max(1, $0) } ?? 0, roundTo: nil,
            seed: 0,
            placement: "recognised", emission: "unknown", sourceSHA256: nil, sourceProducer: nil,
            blocks: blocks)
        manifest.isRecognised = true
        return manifest
    }
}

extension Manifest.Block {
    /// Whether samples choose what the block computes.
    public var isRouted: Bool { scores != nil || routes?.isEmpty == false }
}
