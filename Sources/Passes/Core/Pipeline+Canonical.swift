/// What happens to batch normalisation.
public enum BatchNormalizationPolicy: String, Sendable, CaseIterable {
    /// Stays as the source has it.
    case keep
    /// Folded into the convolutions before it.
    case folded
    /// A node of its own after every convolution, as training wants it.
    case separate
}

extension Pipeline {
    /// The passes that recognition and counting rely on, in an order in which each finds what it needs.
    public static func canonical(batchNormalization: BatchNormalizationPolicy = .keep) -> Pipeline {
        let normalization: [any Pass] =
            switch batchNormalization {
            case .keep: []
            case .folded: [FoldBatchNormalization()]
            case .separate: [SeparateBatchNormalization()]
            }
        return Pipeline(
            [
                // Until weights are constants, no other pass may touch them.
                UnlistInitializers(),
                ConstantsToInitializers(),
                // What does nothing stands between the nodes that the passes below look for. Before constants
                // are folded, so that nodes that share a weight through Identity go on sharing it.
                RemoveIdentity(),
                // Weights that are computed from constants, as old Keras exporters write them.
                FoldConstants(),
                // Shapes become constants before the passes below ask what a Reshape does.
                FoldShapeComputation(),
                SumToAdd(),
                // Before it is spread over the axes of another layout.
                FuseLayerNormalization(raisesOpset: true),
                // Linear layers of channels-last images are convolutions.
                MatMulToConv(),
                // Everything below, and recognition, expects channels first.
                SinkTranspose(),
                RaiseTranspose(),
                CancelTranspose(),
                // A block then is convolutions, normalisations and activations.
                FoldPad(),
                AffineToBatchNormalization(),
            ] + normalization
                // What the others left without readers.
                + [EliminateDeadCode()])
    }
}
