import GraphIR

/// Where a MoD block's values are found in the converted graph, by name.
public struct EmittedBlock: Sendable, Equatable {
    /// The values of the paper's selector.
    public struct Routing: Sendable, Equatable {
        /// s, [N, C, 1, 1].
        public let scores: String
        /// The chosen channels, ascending, [N, k, 1, 1] int64.
        public let indices: String
        /// The scores of the chosen channels, [N, k, 1, 1].
        public let gate: String
    }

    /// One choice of a calibrated block.
    public struct Route: Codable, Sendable, Equatable {
        /// [N, units, 1, 1]
        public let scores: String
        /// The chosen units, ascending, [N, k, 1, 1] int64; with `gates`, all units from the highest score on.
        public let indices: String
        /// What each unit's activation is multiplied by: its score, or 0 for those not chosen, [N, units, 1, 1];
        /// nil where only the chosen units are computed.
        public var gates: String?
    }

    /// A convolution whose weights are gathered at run time.
    public struct Table: Codable, Sendable, Equatable {
        /// [units, inputs * taps] of the first layer, [units * inputs, taps] of those between, and
        /// [inputs, outputs * taps] of the last.
        public let weights: String
        /// [units]
        public let bias: String
        /// [outputs, inputs, height, width] of the whole convolution.
        public let shape: [Int]
        /// The padding above and left of the maps.
        public let pads: [Int]
        /// The convolution's dilations along height and width.
        public let dilations: [Int]
    }

    /// The scope that the block's names start with.
    public let scope: String
    /// The block's sizes.
    public let shape: MoDShape
    /// X, [N, C, H, W].
    public let input: String
    /// Y, [N, C, H, W].
    public let output: String
    /// X^, [N, k, H, W].
    public let gathered: String
    /// What is added to the first k channels: the body's result times its gate, [N, k, H, W].
    public let body: String
    /// Nil for the fixed router, and for calibrated blocks.
    public let routing: Routing?
    /// The choices of a calibrated block: of channels, or one for each hidden layer.
    public var routes: [Route] = []
    /// Where hidden units are routed: the convolutions' gathered weights.
    public var tables: [Table] = []
    /// The emitted nodes, in order; empty for a block that was read from a manifest.
    public let nodes: [NodeID]
}
