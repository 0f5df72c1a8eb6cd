import GraphIR
import Operators

/// A convolution and the nodes after it that its step computes as well.
///
///     Conv -> [BatchNormalization] -> [Add of a residual] -> [Relu or Clip]
///
/// A node joins if (1) it is the only reader of the value before it, (2) that value is not a result of the
/// run, (3) it comes later in this order than what has joined, (4) it works on floats of the convolution's
/// output shape, and (5) all its other operands are constant, apart from the residual.
struct FusedConvolution {
    private(set) var nodes: [Node]
    let shape: ConvolutionShape
    private(set) var epilogue = Epilogue()
    /// The operands of the step: those of Conv, then the residual.
    private(set) var inputs: [ValueID?]
    private var hasClamp = false

    init(node: Node, shape: ConvolutionShape) {
        nodes = [node]
        self.shape = shape
        inputs = node.inputs + [ValueID?](repeating: nil, count: max(0, 3 - node.inputs.count))
    }

    var last: Node { nodes[nodes.count - 1] }

    /// Takes `node` in, which reads the output so far; false if it cannot.
    mutating func absorb(_ node: Node, _ request: KernelRequest) throws -> Bool {
        guard request.isFloat, let output = request.outputs.first ?? nil, !hasClamp else { return false }
        if let bounds = try ElementwiseUnary.clampBounds(request) {
            (epilogue.low, epilogue.high) = bounds
            hasClamp = true
        } else if epilogue.residualInput == nil, let residual = residual(node, request, output) {
            epilogue.residualInput = inputs.count
            inputs.append(residual)
        } else if epilogue.normalization == nil, epilogue.residualInput == nil,
            let affine = try ElementwiseUnary.channelAffine(request)
        {
            epilogue.normalization = affine
        } else {
            return false
        }
        nodes.append(node)
        return true
    }

    /// The other operand of an addition of equal shapes.
    private func residual(_ node: Node, _ request: KernelRequest, _ output: ConcreteType) -> ValueID? {
        guard node.isOperator("Add") || node.isOperator("Sum"), node.inputs.count == 2,
            request.inputs.allSatisfy({ $0 == output })
        else { return nil }
        return node.inputs.compactMap { $0 }.first { $0 != last.output(0) }
    }
}
