import GraphIR
import Operators

/// Turns a specialised graph's nodes into operations: recognises patterns, fuses nodes, and finds the kernels
/// for each operation.
struct StepBuilder {
    private let context: PatternContext
    private var weights: WeightCache
    /// Patterns and fused convolutions, by the node in whose place they run.
    private var sums: [NodeID: ChannelFusion] = [:]
    private var gathers: [NodeID: FlatGatherPattern] = [:]
    private var pairs: [NodeID: PairedGather] = [:]
    private var fused: [NodeID: FusedConvolution] = [:]
    /// The nodes that another operation computes.
    private var absorbed: Set<NodeID> = []
    private var sumsByAddend: [ValueID: ChannelFusion] = [:]

    /// Operations on bytes, by the node in whose place they run.
    private let quantized: [NodeID: Operation]

    private init(_ context: PatternContext, _ quantized: QuantizedPatterns, _ weights: WeightCache) {
        self.context = context
        self.weights = weights
        self.quantized = quantized.operations
        absorbed = quantized.replaced
    }

    /// - Throws: `OperatorError`, or `RuntimeError.unsupportedOperator`.
    static func operations(
        _ context: PatternContext, _ quantized: QuantizedPatterns, _ weights: inout WeightCache
    ) throws -> [Operation] {
        var builder = StepBuilder(context, quantized, weights)
        try builder.findPatterns()
        try builder.fuse()
        let operations = try context.specialization.nodes.compactMap { try builder.operation($0) }
        weights = builder.weights
        return operations
    }

    private mutating func findPatterns() throws {
        for node in context.specialization.nodes where !absorbed.contains(node.id) {
            if let sum = ChannelFusion.runnable(node, context) {
                sums[node.id] = sum
                sumsByAddend[sum.addend] = sum
                absorbed.formUnion(sum.nodes.map(\.id))
            } else if let pair = PairedGather.runnable(node, context) {
                pairs[node.id] = pair
                absorbed.formUnion(pair.nodes.map(\.id))
            } else if let gather = try FlatGatherPattern.match(node, context) {
                gathers[node.id] = gather
                absorbed.insert(node.id)
                if let planes = context.inner(node.input(0)) { absorbed.insert(planes.id) }
            }
        }
    }

    /// Finds the nodes that each convolution absorbs. The fused step runs in the place of the last of them,
    /// where all its operands exist.
    private mutating func fuse() throws {
        for node in context.specialization.nodes
        where node.isOperator("Conv") && !absorbed.contains(node.id) {
            let request = context.request(node)
            guard let shape = try ConvolutionShape(request) else { continue }
            var convolution = FusedConvolution(node: node, shape: shape, method: method(request, shape))
            while try extend(&convolution) {}
            absorbed.formUnion(convolution.nodes.map(\.id))
            fused[convolution.last.id] = convolution
        }
    }

    private func method(_ request: KernelRequest, _ shape: ConvolutionShape) -> FusedConvolution.Method {
        let hasConstantBias = !request.hasInput(2) || request.context.constant(2) != nil
        if shape.isDense, request.context.constant(1) != nil, hasConstantBias { return .dense }
        return ConvolutionPlanner(request, shape).map { .blocked($0) } ?? .general
    }

    /// Lets the convolution absorb the only reader of its output so far; false if it cannot.
    private func extend(_ convolution: inout FusedConvolution) throws -> Bool {
        guard let output = convolution.widened?.output ?? convolution.last.output(0),
            context.inner(output) != nil,
            let reader = context.specialization.graph.soleConsumer(of: output)
        else { return false }
        if let sum = sumsByAddend[output] { return convolution.absorb(sum) }
        // Cheap early exit: no fusible node has more than 8 inputs.
        guard !absorbed.contains(reader.id), reader.inputs.count <= 8, let result = reader.output(0),
            context.specialization.constants[result] == nil
        else { return false }
        return try convolution.absorb(reader, context)
    }

    /// The operation that runs in the node's place; nil if another operation computes the node.
    private mutating func operation(_ node: Node) throws -> Operation? {
        if let operation = quantized[node.id] { return operation }
        if let convolution = fused[node.id] { return convolution.operation(context, &weights) }
        let label = context.specialization.graph.label(of: node)
        if let sum = sums[node.id] {
            return Operation(
                label: label, nodes: sum.nodes.map(\.id), work: .kernels(sum.choices(context)),
                inputs: [sum.addend, sum.image], outputs: [sum.output])
        }
        if let pair = pairs[node.id] {
            return Operation(
                label: label, nodes: pair.nodes.map(\.id), work: .kernels(pair.choices(context)),
                inputs: [pair.image, pair.choice], outputs: [pair.output])
        }
        if let gather = gathers[node.id] {
            return Operation(
                label: label, nodes: [node.id], work: .kernels(try gather.choices(context)),
                inputs: [gather.image, gather.indices], outputs: [gather.output])
        }
        if absorbed.contains(node.id) { return nil }
        return Operation(
            label: label, nodes: [node.id], work: try work(node, label), inputs: node.inputs,
            outputs: node.outputs, captures: node.captures)
    }

    private func work(_ node: Node, _ label: String) throws -> Operation.Work {
        let request = context.request(node)
        let isConcrete =
            zip(node.inputs, request.inputs).allSatisfy { $0 == nil || $1 != nil }
            && zip(node.outputs, request.outputs).allSatisfy {
                $0.map { !context.isRead($0) } ?? true || $1 != nil
            }
        if isConcrete {
            if ViewRule.applies(request) { return .view }
            let choices = try KernelCatalog.choices(request)
            if !choices.isEmpty { return .kernels(choices) }
        }
        guard let rule = OperatorRegistry.find(node) else {
            throw RuntimeError.unsupportedOperator(node: label, UnknownOperator(node))
        }
        return .reference(rule, node)
    }
}

/// Operators that pass on their first input's elements unchanged.
enum ViewRule {
    static let operators: Set = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"]

    static func applies(_ request: KernelRequest) -> Bool {
        guard request.node.domain.isEmpty, operators.contains(request.node.operatorType),
            let input = request.input(0), let output = request.outputs.first ?? nil,
            request.outputs.dropFirst().allSatisfy({ $0 == nil })
        else { return false }
        // In training mode, which a constant third input may request, Dropout is not the identity.
        if request.node.isOperator("Dropout"), request.hasInput(2),
            request.context.constant(2)?.integers != [0]
        {
            return false
        }
        return input.elementType == output.elementType && input.elementCount == output.elementCount
    }
}
