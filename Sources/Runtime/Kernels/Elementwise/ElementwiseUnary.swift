import GraphIR
import Operators

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Functions of one element, and batch normalisation, over floats.
enum ElementwiseUnary: KernelFamily {
    static let operators = [
        "Relu", "LeakyRelu", "Clip", "Sigmoid", "Exp", "Sqrt", "Neg", "Abs", "Tanh", "HardSigmoid",
        "HardSwish", "BatchNormalization",
    ]

    static func choose(_ request: KernelRequest) throws -> KernelChoice? {
        guard request.isFloat, let input = request.input(0),
            request.outputs.compactMap({ $0 }) == [input]
        else { return nil }
        if request.node.isOperator("BatchNormalization") {
            guard let affine = try channelAffine(request) else { return nil }
            return KernelChoice(
                kernel: ChannelAffineKernel(shape: input.shape, affine: affine), inPlaceInputs: [0])
        }
        guard let function = try function(request) else { return nil }
        return KernelChoice(
            kernel: UnaryKernel(function: function, chunks: Chunks(of: input.elementCount, size: chunk)),
            inPlaceInputs: [0])
    }

    /// Elements of a task.
    static let chunk = 16 << 10

    /// A function of one element.
    enum Function: Sendable {
        case clamp(low: Float, high: Float)
        case leakyRelu(slope: Float)
        case sigmoid
        case exponential
        case squareRoot
        case negation
        case absolute
        case tangent
        case hardSigmoid(alpha: Float, beta: Float)
        case hardSwish
    }

    /// Nil if the function depends on values known only at run time.
    static func function(_ request: KernelRequest) throws -> Function? {
        let context = request.context
        switch request.node.operatorType {
        case "Relu", "Clip":
            return try clampBounds(request).map { .clamp(low: $0.low, high: $0.high) }
        case "LeakyRelu": return .leakyRelu(slope: try context.float("alpha", default: 0.01))
        case "Sigmoid": return .sigmoid
        case "Exp": return .exponential
        case "Sqrt": return .squareRoot
        case "Neg": return .negation
        case "Abs": return .absolute
        case "Tanh": return .tangent
        case "HardSigmoid":
            return .hardSigmoid(
                alpha: try context.float("alpha", default: 0.2),
                beta: try context.float("beta", default: 0.5))
        case "HardSwish": return .hardSwish
        default: return nil
        }
    }

    /// The range to which Relu or Clip limits its input; nil for other operators and computed bounds.
    static func clampBounds(_ request: KernelRequest) throws -> (low: Float, high: Float)? {
        if request.node.isOperator("Relu") { return (0, .infinity) }
        guard request.node.isOperator("Clip") else { return nil }
        let context = request.context
        if context.opset < 11 {
            let low = try context.float("min", default: -.greatestFiniteMagnitude)
            let high = try context.float("max", default: .greatestFiniteMagnitude)
            return low <= high ? (low, high) : nil
        }
        var bounds = [-Float.infinity, Float.infinity]
        for position in bounds.indices {
            if context.hasInput(position + 1) {
                guard let bound = context.constant(position + 1)?.floats?.first else { return nil }
                bounds[position] = bound
            }
        }
        guard bounds[0] <= bounds[1] else { return nil }
        return (bounds[0], bounds[1])
    }

    /// Inference-mode BatchNormalization with constant parameters as y = x * scale + shift, with scale and
    /// shift computed in double precision; nil for other nodes.
    static func channelAffine(_ request: KernelRequest) throws -> ChannelAffine? {
        let context = request.context
        guard request.node.isOperator("BatchNormalization"), request.isFloat,
            context.outputCount == 1, try context.int("training_mode", default: 0) == 0,
            let shape = request.input(0)?.shape, shape.count >= 2,
            let gamma = context.constant(1)?.floats, let beta = context.constant(2)?.floats,
            let mean = context.constant(3)?.floats, let variance = context.constant(4)?.floats,
            [gamma, beta, mean, variance].allSatisfy({ $0.count == shape[1] })
        else { return nil }
        let epsilon = Double(try context.float("epsilon", default: 1e-5))
        let scales = zip(gamma, variance).map { Double($0) / (Double($1) + epsilon).squareRoot() }
        let shifts =
            shape[1] == 0 ? [] : scales.indices.map { Double(beta[$0]) - Double(mean[$0]) * scales[$0] }
        return ChannelAffine(scale: scales.map(Float.init), shift: shifts.map(Float.init))
    }
}

/// A function of each element of a run of floats.
struct UnaryKernel: Kernel {
    let function: ElementwiseUnary.Function
    let chunks: Chunks

    var name: String { "elementwise" }

    var phases: [Int] { [chunks.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let range = chunks[task]
        let x: UnsafePointer<Float> = operands.input(0)
        let y: UnsafeMutablePointer<Float> = operands.output()
        func map(_ body: (Float) -> Float) {
            for index in range { y[index] = body(x[index]) }
        }
        switch function {
        case .clamp(let low, let high): map { $0 < low ? low : ($0 > high ? high : $0) }
        case .leakyRelu(let slope): map { $0 < 0 ? slope * $0 : $0 }
        case .sigmoid: map { 1 / (1 + expf(-$0)) }
        case .exponential: map(expf)
        case .squareRoot: map { $0.squareRoot() }
        case .negation: map { -$0 }
        case .absolute: map { $0.magnitude }
        case .tangent: map(tanhf)
        case .hardSigmoid(let alpha, let beta): map { max(0, min(1, alpha * $0 + beta)) }
        case .hardSwish: map { $0 * max(0, min(1, $0 / 6 + 0.5)) }
        }
    }
}

/// y = x * scale + shift, both per channel (axis 1).
private struct ChannelAffineKernel: Kernel {
    let affine: ChannelAffine
    private let plane: Int
    private let planes: Chunks

    var name: String { "scale and shift" }

    init(shape: [Int], affine: ChannelAffine) {
        self.affine = affine
        plane = shape[2...].reduce(1, *)
        planes = Chunks(of: shape[0] * shape[1], size: ElementwiseUnary.chunk / max(1, plane))
    }

    var phases: [Int] { [planes.count] }

    func run(phase: Int, task: Int, _ operands: Operands, scratch: UnsafeMutablePointer<Float>) {
        let x: UnsafePointer<Float> = operands.input(0)
        let y: UnsafeMutablePointer<Float> = operands.output()
        for index in planes[task] {
            let channel = index % affine.scale.count
            let (scale, shift) = (affine.scale[channel], affine.shift[channel])
            for element in index * plane..<(index + 1) * plane { y[element] = x[element] * scale + shift }
        }
    }
}
