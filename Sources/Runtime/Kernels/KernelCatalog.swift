import GraphIR

/// All kernel families.
enum KernelCatalog {
    /// Earlier families take precedence.
    private static let families: [any KernelFamily.Type] = [
        BlockedConcat.self, BlockedElementwise.self, BlockedGather.self, BlockedGlobalPooling.self,
        BlockedPooling.self, BlockedScale.self, BlockedSlice.self,
        ConvolutionKernels.self, DenseKernels.self, ElementwiseBinary.self, ElementwiseUnary.self,
        GatherElementsKernels.self, GatherKernels.self, GemmKernels.self, GlobalPoolingKernels.self,
        JoinKernels.self, PoolingKernels.self, SoftmaxKernels.self, StridedCopyKernels.self,
        TopKKernels.self,
    ]

    private static let familiesByOperator: [String: [any KernelFamily.Type]] = Dictionary(
        families.flatMap { family in family.operators.map { ($0, [family]) } },
        uniquingKeysWith: { $0 + $1 })

    /// The kernels that can serve the request, at most one for each combination of layouts. If there are
    /// none, the reference evaluation has to do.
    static func choices(_ request: KernelRequest) throws -> [KernelChoice] {
        guard request.node.domain.isEmpty,
            request.outputs.contains(where: { ($0?.elementCount ?? 0) > 0 })
        else { return [] }
        var choices: [KernelChoice] = []
        for family in familiesByOperator[request.node.operatorType] ?? [] {
            guard let choice = try family.choose(request) else { continue }
            let isKnown = choices.contains {
                $0.inputLayouts == choice.inputLayouts && $0.outputLayouts == choice.outputLayouts
            }
            if !isKnown { choices.append(choice) }
        }
        return choices
    }
}
