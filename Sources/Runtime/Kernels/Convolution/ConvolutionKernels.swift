import Operators

/// Convolutions on their own, over one or two axes of row-major floats: those whose weights are not constant
/// among them. What a plan fuses is chosen by `FusedConvolution`.
enum ConvolutionKernels: KernelFamily {
    static let operators = ["Conv"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let shape = try ConvolutionShape(request) else { return nil }
        return KernelChoice(kernel: Im2colConvolution(shape: shape, epilogue: Epilogue()))
    }
}
