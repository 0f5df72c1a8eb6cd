import GraphIR

extension Model {
    /// The first IR version whose initialisers need not be graph inputs.
    private static let unlistedInitializersIR = 4

    /// The model with a rewritten graph. The IR version is raised to 4 if it was lower and the graph has
    /// initialisers that are not listed as inputs. Training information is discarded: it names nodes and
    /// initialisers that may no longer exist.
    public func replacingGraph(_ graph: Graph) -> Model {
        var model = self
        model.graph = graph
        model.trainingInfo = []
        if graph.initializers.contains(where: { $0.definition == .initializer }) {
            model.irVersion = max(irVersion, Model.unlistedInitializersIR)
        }
        return model
    }
}

extension Graph {
    /// The nodes that compute a constant from constants: a size limit kept them from being folded, or they
    /// cannot be evaluated.
    public var constantComputations: [Node] {
        nodes.filter { node in
            node.captures.isEmpty && !node.hasSubgraph && !node.isRandom && !node.isQuantization
                && node.inputs.allSatisfy { $0.map { self[$0].constant != nil } ?? true }
        }
    }
}
