import Operators

/// Stand-alone convolutions over one or two axes of row-major floats, including those with computed weights.
/// `FusedConvolution` chooses the kernels of fused ones.
enum ConvolutionKernels: KernelFamily {
    static let operators = ["Conv"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let shape = try ConvolutionShape(request) else { return nil }
        return KernelChoice(kernel: Im2colConvolution(shape: shape, epilogue: Epilogue()))
    }
}
