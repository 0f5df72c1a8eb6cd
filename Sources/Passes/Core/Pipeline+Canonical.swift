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
        let before: [any Pass] = [
            // Until weights are constants, no other pass may touch them.
            UnlistInitializers(),
            ConstantsToInitializers(),
            // Weights and shapes that are computed from constants come next.
            FoldConstants(),
            // One spelling for each thing that recognition looks for.
            RemoveIdentity(),
            SumToAdd(),
            AffineToBatchNormalization(),
        ]
        let normalization: [any Pass] =
            switch batchNormalization {
            case .keep: []
            case .folded: [FoldBatchNormalization()]
            case .separate: []
            }
        // What the others left without readers.
        return Pipeline(before + normalization + [EliminateDeadCode()])
    }
}
