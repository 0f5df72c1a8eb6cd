import GraphIR
import Operators

extension ChannelFusion {
    /// The fusion that ends with the node, if the engine can run it in one step: it works on floats, and no
    /// value inside it is read by others or is a result of the run.
    static func runnable(_ node: Node, _ context: PatternContext) -> ChannelFusion? {
        guard let fusion = match(node, in: context), context.request(node).isFloat,
            let y = context.type(of: fusion.output), context.type(of: fusion.image) == y,
            let b = context.type(of: fusion.addend), b.elementType == y.elementType, y.shape.count == 4,
            b.shape == [y.shape[0], fusion.processed] + y.shape[2...]
        else { return nil }
        return fusion
    }

    /// The kernels that compute the pattern in a step of its own; operands are B and X.
    func choices(_ context: PatternContext) -> [KernelChoice] {
        guard let b = context.type(of: addend), let x = context.type(of: image) else { return [] }
        var choices: [KernelChoice] = []
        if let narrow = BlockedImage(b), let wide = BlockedImage(x) {
            choices.append(
                KernelChoice(
                    kernel: BlockedFirstChannelsSum(
                        set: context.settings.instructionSet, addend: narrow, output: wide),
                    inputLayouts: [.blocked, .blocked], outputLayouts: [.blocked], inPlaceInputs: [1]))
        }
        choices.append(
            KernelChoice(
                kernel: FirstChannelsSum(
                    planes: x.shape[0] * x.shape[1], channels: x.shape[1], processed: b.shape[1],
                    plane: x.shape[2] * x.shape[3]), inPlaceInputs: [1]))
        return choices
    }
}

/// The planned graph, as patterns see it.
struct PatternContext: PatternGraph {
    let specialization: Specialization
    /// Values that a run returns; they must be stored.
    let results: Set<ValueID>
    let settings: EngineSettings

    /// The node that computes the value, if one node alone reads the value and nothing else needs it.
    func inner(_ id: ValueID?) -> Node? {
        guard let id, !results.contains(id), specialization.constants[id] == nil,
            specialization.graph.soleConsumer(of: id) != nil
        else { return nil }
        return specialization.graph.producer(of: id)
    }

    var graph: Graph { specialization.graph }

    func channels(of value: ValueID) -> Int? {
        type(of: value).flatMap { $0.shape.count == 4 ? $0.shape[1] : nil }
    }

    func constant(_ value: ValueID?) -> Tensor? {
        value.flatMap { specialization.constants[$0] ?? graph[$0].constant }
    }

    func type(of id: ValueID) -> ConcreteType? { ConcreteType(specialization.types[id]) }

    func isRead(_ value: ValueID) -> Bool {
        results.contains(value) || !specialization.graph[value].uses.isEmpty
    }

    func request(_ node: Node) -> KernelRequest {
        KernelRequest(
            node: node, settings: settings, context: specialization.context(node),
            inputs: node.inputs.map { $0.flatMap(type) },
            outputs: node.outputs.map { output in
                guard let output, isRead(output) else { return nil }
                return type(of: output)
            })
    }
}
