/// The treatment of batch normalisation.
public enum BatchNormalizationPolicy: String, Sendable, CaseIterable {
    /// Stays as in the source.
    case keep
    /// Folded into the convolutions before it.
    case folded
    /// A node of its own after every convolution, for training.
    case separate
}

extension Pipeline {
    /// The passes that recognition and counting rely on, ordered so that each finds the form it needs.
    public static func canonical(batchNormalization: BatchNormalizationPolicy = .keep) -> Pipeline {
        let normalization: [any Pass] =
            switch batchNormalization {
            case .keep: []
            case .folded: [FoldBatchNormalization()]
            case .separate: [SeparateBatchNormalization()]
            }
        return Pipeline(
            [
                // No other pass may touch weights until they are constants.
                UnlistInitializers(),
                ConstantsToInitializers(),
                // Nodes without effect hide the patterns that the passes below look for. They go before
                // constants are folded, so that nodes that share a weight through Identity still share it.
                RemoveIdentity(),
                // Old Keras exporters compute weights from constants.
                FoldConstants(),
                // Shapes become constants before the passes below ask what a Reshape does.
                FoldShapeComputation(),
                SumToAdd(),
                // Before the layout change spreads it over other axes.
                FuseLayerNormalization(raisesOpset: true),
                // Linear layers of channels-last images are convolutions.
                MatMulToConv(),
                // Recognition, and everything below, expects channels first.
                SinkTranspose(),
                RaiseTranspose(),
                CancelTranspose(),
                // After this, a block is convolutions, normalisations and activations.
                FoldPad(),
                AffineToBatchNormalization(),
            ] + normalization
                // Removes the nodes that the other passes left without readers.
                + [EliminateDeadCode()])
    }
}
