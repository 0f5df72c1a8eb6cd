extension Pipeline {
    /// The default number of bytes by which folding one node may make a model grow: 1 MiB, more than any
    /// shape computation or per-channel weight needs, less than a generated layer's weights.
    public static let defaultGrowthLimit = 1 << 20

    /// The passes that minimise the computation, ordered so that each finds the form it needs.
    ///
    /// Outputs stay the same within 1e-5 of their largest magnitude: weights are folded in double precision
    /// and rounded once. Inputs and outputs keep names, order and types; symbolic extents stay symbolic.
    ///
    /// - Parameter growthLimit: bytes by which folding one node may make the model grow.
    public static func optimize(growthLimit: Int = defaultGrowthLimit) -> Pipeline {
        Pipeline([
            // No other pass may touch weights until they are constants.
            UnlistInitializers(),
            ConstantsToInitializers(growthLimit: growthLimit),
            // Nodes without effect hide the patterns that the passes below look for.
            RemoveIdentity(),
            FoldConstants(growthLimit: growthLimit),
            // Shapes become constants before the passes below ask what a Reshape does.
            FoldShapeComputation(),
            // Before nodes are fused: a fusion needs inner values with one reader, and equal branches fuse
            // alike.
            EliminateCommonSubexpressions(),
            // Known shapes and constants show that these nodes have no effect.
            RemoveNeutralArithmetic(),
            RemoveUnitReductions(),
            // Movements of elements: first consecutive ones, then those that a change of layout causes.
            FuseReshapes(),
            FuseSlices(),
            FuseTransposes(),
            ReduceTransposes(),
            TransposeToReshape(),
            // Layers absorb the nodes before and after them. Gemm comes first, since it can absorb more than
            // MatMul. Mul and Add together are one normalisation, which is rounded once.
            FoldPad(),
            SumToAdd(),
            FuseLayerNormalization(),
            MatMulAddToGemm(),
            AffineToBatchNormalization(),
            FoldBatchNormalization(),
            FoldChannelArithmetic(),
            // Folding may have made a bias 0; its producers are then dead.
            EliminateDeadConnections(),
            EliminateDeadCode(),
            // Last: folding makes equal weights differ, and would copy shared ones.
            MergeDuplicateInitializers(),
        ])
    }

    /// The pipeline without some of its passes.
    public func filtered(_ isIncluded: (any Pass) -> Bool) -> Pipeline { Pipeline(passes.filter(isIncluded)) }
}
