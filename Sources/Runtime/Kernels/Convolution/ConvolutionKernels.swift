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

/// A division of 0..<count into equal chunks, the last one shorter.
struct Chunks: Sendable {
    let total: Int
    let size: Int

    var count: Int { (total + size - 1) / size }

    /// - Parameter size: 1 is used if it is smaller.
    init(of total: Int, size: Int) {
        self.total = total
        self.size = max(1, min(size, total))
    }

    subscript(index: Int) -> Range<Int> { index * size..<min(total, (index + 1) * size) }
}
