import GraphIR
import Operators

/// Turns a specialised graph's nodes into steps: fuses, recognises views, and chooses kernels.
struct StepBuilder {
    private let specialization: Specialization
    /// Values that a run returns; they have to exist as such.
    private let results: Set<ValueID>
    private var fused: [NodeID: FusedConvolution] = [:]
    private var absorbed: Set<NodeID> = []

    init(_ specialization: Specialization, results: Set<ValueID>) {
        self.specialization = specialization
        self.results = results
    }

    /// - Throws: `OperatorError`, or `RuntimeError.unsupportedOperator`.
    static func steps(_ specialization: Specialization, results: Set<ValueID>) throws -> [Step] {
        var builder = StepBuilder(specialization, results: results)
        try builder.fuse()
        return try specialization.nodes.compactMap { try builder.step($0) }
    }

    /// Finds what each convolution takes in. The fused step runs in the place of the last node that it
    /// stands for, where all its operands exist.
    private mutating func fuse() throws {
        for node in specialization.nodes where !absorbed.contains(node.id) {
            let request = request(node)
            guard let shape = try ConvolutionShape(request) else { continue }
            var convolution = FusedConvolution(node: node, shape: shape)
            while let next = try follower(of: convolution) {
                guard try convolution.absorb(next, self.request(next)) else { break }
            }
            absorbed.formUnion(convolution.nodes.map(\.id))
            fused[convolution.last.id] = convolution
        }
    }

    /// The only reader of the convolution's output so far, if the output is needed for nothing else.
    private func follower(of convolution: FusedConvolution) throws -> Node? {
        guard let output = convolution.last.output(0), !results.contains(output),
            let reader = specialization.graph.soleConsumer(of: output), !absorbed.contains(reader.id),
            let result = reader.output(0), specialization.constants[result] == nil
        else { return nil }
        return reader
    }

    private func request(_ node: Node) -> KernelRequest {
        KernelRequest(
            node: node, context: specialization.context(node),
            inputs: node.inputs.map { $0.flatMap { ConcreteType(specialization.types[$0]) } },
            outputs: node.outputs.map { output in
                guard let output, isRead(output) else { return nil }
                return ConcreteType(specialization.types[output])
            })
    }

    private func isRead(_ value: ValueID) -> Bool {
        results.contains(value) || !specialization.graph[value].uses.isEmpty
    }

    /// The step that runs in the node's place; nil if another step covers the node.
    private func step(_ node: Node) throws -> Step? {
        let label = specialization.graph.label(of: node)
        if let convolution = fused[node.id] {
            let choice = ConvolutionKernels.kernel(convolution.shape, convolution.epilogue)
            return Step(
                label: label, action: .kernel(choice), inputs: convolution.inputs, outputs: node.outputs)
        }
        if absorbed.contains(node.id) { return nil }
        let request = request(node)
        let isConcrete =
            zip(node.inputs, request.inputs).allSatisfy { $0 == nil || $1 != nil }
            && zip(node.outputs, request.outputs).allSatisfy { $0.map { !isRead($0) } ?? true || $1 != nil }
        if isConcrete {
            if ViewRule.applies(request) {
                return Step(label: label, action: .view, inputs: [node.input(0)], outputs: [node.output(0)])
            }
            if let choice = try KernelCatalog.choose(request) {
                return Step(
                    label: label, action: .kernel(choice.kernel), inputs: node.inputs,
                    outputs: node.outputs, inPlaceInputs: choice.inPlaceInputs)
            }
        }
        guard let rule = OperatorRegistry.find(node) else {
            throw RuntimeError.unsupportedOperator(node: label)
        }
        return Step(
            label: label, action: .reference(rule, node), inputs: node.inputs, outputs: node.outputs,
            captures: node.captures)
    }
}

/// Operators that hand their first input's elements on as they are.
private enum ViewRule {
    static let operators: Set = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"]

    static func applies(_ request: KernelRequest) -> Bool {
        guard request.node.domain.isEmpty, operators.contains(request.node.operatorType),
            let input = request.input(0), let output = request.outputs.first ?? nil,
            request.outputs.dropFirst().allSatisfy({ $0 == nil })
        else { return false }
        // In training mode, which a constant third input may ask for, Dropout is not the identity.
        if request.node.isOperator("Dropout"), request.hasInput(2),
            request.context.constant(2)?.integers != [0]
        {
            return false
        }
        return input.elementType == output.elementType && input.elementCount == output.elementCount
    }
}
