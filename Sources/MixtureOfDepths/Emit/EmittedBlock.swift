import GraphIR

/// Where a MoD block's values are found in the converted graph, by name.
public struct EmittedBlock: Sendable, Equatable {
    public struct Routing: Sendable, Equatable {
        /// s, [N, C, 1, 1].
        public let scores: String
        /// The chosen channels, ascending, [N, k, 1, 1] int64.
        public let indices: String
        /// The scores of the chosen channels, [N, k, 1, 1].
        public let gate: String
    }

    public let scope: String
    public let shape: MoDShape
    /// X, [N, C, H, W].
    public let input: String
    /// Y, [N, C, H, W].
    public let output: String
    /// X^, [N, k, H, W].
    public let gathered: String
    /// What is added to the first k channels: the body's result times its gate, [N, k, H, W].
    public let body: String
    /// Nil for the fixed router.
    public let routing: Routing?
    /// The emitted nodes, in order; empty for a block that was read from a manifest.
    public let nodes: [NodeID]
}
