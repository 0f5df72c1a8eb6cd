import Operators

/// Convolutions over one or two axes of NCHW floats.
enum ConvolutionKernels: KernelFamily {
    static let operators = ["Conv"]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard let shape = try ConvolutionShape(request) else { return nil }
        return KernelChoice(kernel: kernel(shape, Epilogue()))
    }

    /// The kernel of a convolution and what follows it.
    static func kernel(_ shape: ConvolutionShape, _ epilogue: Epilogue) -> any Kernel {
        if shape.isDepthwise { return DepthwiseConvolution(shape: shape, epilogue: epilogue) }
        if shape.isPointwise { return PointwiseConvolution(shape: shape, epilogue: epilogue) }
        return Im2colConvolution(shape: shape, epilogue: epilogue)
    }
}
