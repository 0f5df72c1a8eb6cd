import GraphIR

/// All kernel families.
enum KernelCatalog {
    private static let families: [any KernelFamily.Type] = [
        ConvolutionKernels.self, ElementwiseBinary.self, ElementwiseUnary.self, GatherKernels.self,
        GemmKernels.self, GlobalPoolingKernels.self, JoinKernels.self, PoolingKernels.self,
        SoftmaxKernels.self, StridedCopyKernels.self, TopKKernels.self,
    ]

    private static let familiesByOperator: [String: any KernelFamily.Type] = Dictionary(
        families.flatMap { family in family.operators.map { ($0, family) } },
        uniquingKeysWith: { first, _ in first })

    /// A kernel for the request; nil if there is none, and the reference evaluation has to do.
    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.node.domain.isEmpty,
            request.outputs.contains(where: { ($0?.elementCount ?? 0) > 0 })
        else { return nil }
        return try familiesByOperator[request.node.operatorType]?.choose(request)
    }
}
