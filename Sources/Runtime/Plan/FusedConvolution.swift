import CKernels
import GraphIR
import Operators

/// A convolution and the nodes after it that its step computes too.
///
///     Conv -> [BatchNormalization] -> [Add of a bias] -> [Mul by a gate] -> [Add of a residual] -> [Relu or Clip]
///                                                                        -> [sum into the first channels of an image]
///
/// A node joins if (1) it is the only reader of the value before it, (2) that value is not a result of the
/// run, (3) the node comes later in this order than those that have joined, (4) it works on floats of the
/// convolution's output shape, (5) its other operands are constant, apart from bias, gate and residual, and (6) the
/// convolution's kernel can compute it, as its `Method` says.
struct FusedConvolution {
    /// The kernels that may compute the convolution.
    enum Method {
        /// The blocked kernels; the weights are constant.
        case blocked(ConvolutionPlanner)
        /// Images of one pixel under a 1x1 kernel: a fully connected layer. Absorbs only a clamp.
        case dense
        /// Everything else. Absorbs neither a bias, nor a gate, nor a sum into first channels.
        case general
    }

    let convolution: Node
    private(set) var nodes: [Node]
    let shape: ConvolutionShape
    let method: Method
    private(set) var normalization: ChannelAffine?
    /// A further bias of each channel, which may differ from sample to sample, and the number of elements from a sample's
    /// biases to the next sample's.
    private(set) var bias: (value: ValueID, step: Int)?
    /// The factor for each channel, and the number of elements from a sample's factors to the next sample's.
    private(set) var gate: (value: ValueID, step: Int)?
    private(set) var residual: ValueID?
    /// The sum into first channels that the step ends with; nil if the step computes the last node's output,
    /// in the shape of the convolution.
    private(set) var widened: ChannelFusion?
    private(set) var clamp: (low: Float, high: Float)?

    init(node: Node, shape: ConvolutionShape, method: Method) {
        convolution = node
        nodes = [node]
        self.shape = shape
        self.method = method
    }

    var last: Node { nodes[nodes.count - 1] }

    /// Absorbs `node`, which reads the output so far; false if it cannot.
    mutating func absorb(_ node: Node, _ context: PatternContext) throws -> Bool {
        let request = context.request(node)
        guard request.isFloat, let output = request.outputs.first ?? nil, clamp == nil, widened == nil else {
            return false
        }
        if let bounds = try ElementwiseUnary.clampBounds(request) {
            clamp = bounds
        } else if case .dense = method {
            return false
        } else if residual == nil, let residual = residual(node, request, output) {
            self.residual = residual
        } else if gate == nil, residual == nil, let gate = channelNumbers("Mul", node, request, output) {
            self.gate = gate
        } else if normalization == nil, bias == nil, gate == nil, residual == nil,
            let affine = try ElementwiseUnary.channelAffine(request)
        {
            normalization = affine
        } else if bias == nil, gate == nil, residual == nil,
            let bias = channelNumbers("Add", node, request, output)
        {
            self.bias = bias
        } else {
            return false
        }
        nodes.append(node)
        return true
    }

    /// Absorbs a sum into the first channels of an image, whose addend is the output so far.
    mutating func absorb(_ pattern: ChannelFusion) -> Bool {
        guard case .blocked = method, residual == nil, clamp == nil, widened == nil else { return false }
        widened = pattern
        nodes += pattern.nodes
        return true
    }

    /// The other operand of an addition of equal shapes.
    private func residual(_ node: Node, _ request: KernelRequest, _ output: ConcreteType) -> ValueID? {
        guard node.isOperator("Add") || node.isOperator("Sum"), node.inputs.count == 2,
            request.inputs.allSatisfy({ $0 == output })
        else { return nil }
        return node.inputs.compactMap { $0 }.first { $0 != last.output(0) }
    }

    /// The other operand of a multiplication or addition, if it holds one number for each channel.
    private func channelNumbers(
        _ operatorType: String, _ node: Node, _ request: KernelRequest, _ output: ConcreteType
    ) -> (value: ValueID, step: Int)? {
        guard case .blocked = method, node.isOperator(operatorType), node.inputs.count == 2,
            let image = BlockedImage(output),
            let position = node.inputs.firstIndex(where: { $0 != last.output(0) }),
            let value = node.inputs[position], let factors = request.input(position),
            let step = BlockedScale.factorStep(of: factors, image)
        else { return nil }
        return (value, step)
    }
}

// MARK: The operation

extension FusedConvolution {
    /// The step that computes the convolution and everything that it has absorbed.
    func operation(_ context: PatternContext, _ weights: inout WeightCache) -> Operation {
        let label = context.specialization.graph.label(of: convolution)
        let (choices, inputs) =
            switch method {
            case .blocked(let planner): blocked(planner, context, &weights)
            case .dense: dense(context)
            case .general: general()
            }
        return Operation(
            label: label, nodes: nodes.map(\.id), work: .kernels(choices), inputs: inputs,
            outputs: [widened?.output ?? last.output(0)])
    }

    private func blocked(
        _ planner: ConvolutionPlanner, _ context: PatternContext, _ weights: inout WeightCache
    ) -> ([KernelChoice], [ValueID?]) {
        var epilogue = BlockedConvolution.Epilogue()
        if let clamp { (epilogue.low, epilogue.high) = clamp }
        var inputs = [convolution.input(0)]
        var layouts = [Layout.blocked]
        if let residual = widened?.image ?? residual {
            epilogue.residualInput = inputs.count
            inputs.append(residual)
            layouts.append(.blocked)
        }
        if let bias {
            epilogue.biasInput = inputs.count
            epilogue.biasStep = bias.step
            inputs.append(bias.value)
            layouts.append(.rowMajor)
        }
        if let gate {
            epilogue.gateInput = inputs.count
            epilogue.gateStep = gate.step
            inputs.append(gate.value)
            layouts.append(.rowMajor)
        }
        guard let output = (widened?.output ?? last.output(0)).flatMap({ context.type(of: $0) }),
            let image = BlockedImage(output)
        else { return ([], inputs) }
        let source = WeightCache.Source(convolution: convolution.id, isNormalized: normalization != nil)
        let range = weights.range(source) { planner.range(normalization) }
        let choices = planner.plans(range).map { plan in
            let key = WeightCache.Key(source: source, method: plan.method.rawValue)
            let packed = weights.weights(key) {
                PackedWeights(
                    plan, weights: planner.weights, bias: planner.bias, normalization: normalization)
            }
            let first: Layout = plan.method == CK_CONV_PLANAR ? .rowMajor : .blocked
            return KernelChoice(
                kernel: BlockedConvolution(plan, packed, output: image, epilogue),
                inputLayouts: [first] + layouts.dropFirst(), outputLayouts: [.blocked],
                inPlaceInputs: epilogue.residualInput.map { [$0] } ?? [])
        }
        return (choices, inputs)
    }

    private func dense(_ context: PatternContext) -> ([KernelChoice], [ValueID?]) {
        let constants = convolution.inputs.map { $0.flatMap { context.specialization.constants[$0] } }
        let kernel = constants[1].flatMap {
            DenseKernel(
                set: context.settings.instructionSet, rows: shape.batch, weights: $0,
                bias: constants.count > 2 ? constants[2] : nil, low: clamp?.low ?? -.infinity,
                high: clamp?.high ?? .infinity)
        }
        return kernel.map { ([KernelChoice(kernel: $0)], [convolution.input(0)]) } ?? general()
    }

    private func general() -> ([KernelChoice], [ValueID?]) {
        var epilogue = Epilogue(normalization: normalization)
        if let clamp { (epilogue.low, epilogue.high) = clamp }
        if residual != nil { epilogue.residualInput = 3 }
        return (
            [KernelChoice(kernel: Im2colConvolution(shape: shape, epilogue: epilogue))],
            [convolution.input(0), convolution.input(1), convolution.input(2), residual]
        )
    }
}
