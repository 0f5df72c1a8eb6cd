extension Pipeline {
    /// Bytes by which folding one node may make a model grow, unless the caller says otherwise: 1 MiB, more than any
    /// shape computation or per-channel weight needs, less than a generated layer's weights.
    public static let defaultGrowthLimit = 1 << 20

    /// The passes that leave the least to compute, in an order in which each finds what it needs.
    ///
    /// Outputs stay the same within 1e-5 of their largest magnitude: weights are folded in double precision and
    /// rounded once. Inputs and outputs keep names, order and types; symbolic extents stay symbolic.
    ///
    /// - Parameter growthLimit: bytes by which folding one node may make the model grow.
    public static func optimize(growthLimit: Int = defaultGrowthLimit) -> Pipeline {
        Pipeline([
            // Until weights are constants, no other pass may touch them.
            UnlistInitializers(),
            ConstantsToInitializers(growthLimit: growthLimit),
            // What does nothing stands between the nodes that the passes below look for.
            RemoveIdentity(),
            FoldConstants(growthLimit: growthLimit),
            // Shapes become constants before the passes below ask what a Reshape does.
            FoldShapeComputation(),
            // Before nodes are fused: a fusion wants an inner value with one reader, and equal branches fuse alike.
            EliminateCommonSubexpressions(),
            // What shapes and constants have shown to do nothing.
            RemoveNeutralArithmetic(),
            RemoveUnitReductions(),
            // Movements of elements: first those that follow each other, then those that a layout brings about.
            FuseReshapes(),
            FuseSlices(),
            FuseTransposes(),
            ReduceTransposes(),
            TransposeToReshape(),
            // Layers take in what stands before and after them. Gemm comes first, since it can take in more than
            // MatMul; Mul and Add together are one normalisation, which is rounded once.
            FoldPad(),
            SumToAdd(),
            FuseLayerNormalization(),
            MatMulAddToGemm(),
            AffineToBatchNormalization(),
            FoldBatchNormalization(),
            FoldChannelArithmetic(),
            // A bias may have become 0 by folding; what it read is dead then.
            EliminateDeadConnections(),
            EliminateDeadCode(),
            // Last: folding makes equal weights differ, and a shared one would be copied.
            MergeDuplicateInitializers(),
        ])
    }

    /// The pipeline without some of its passes.
    public func filtered(_ isIncluded: (any Pass) -> Bool) -> Pipeline { Pipeline(passes.filter(isIncluded)) }
}
