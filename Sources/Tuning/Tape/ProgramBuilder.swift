import GraphIR
import Operators

/// Collects the parameters, steps and inputs of a program from a graph's nodes.
struct ProgramBuilder {
    private let graph: Graph
    private(set) var places: [ValueID: Int] = [:]
    private(set) var slots: [Program.Slot] = []
    private(set) var steps: [any Step] = []
    private(set) var parameters: [Program.Parameter] = []
    private(set) var inputs: [ValueID] = []
    private(set) var inputSlots: [Int] = []

    init(_ graph: Graph) { self.graph = graph }

    mutating func addParameter(_ value: ValueID, tuning count: Int?) throws(TuningError) {
        guard places[value] == nil, let tensor = graph.constant(value), let floats = tensor.floats else {
            throw .noMap(value: graph[value].name)
        }
        let shape = MapShape(channels: floats.count, height: 1, width: 1)
        add(
            value,
            Program.Slot(
                shape: shape, isFlat: true, origin: .parameter(parameters.count)))
        let offset = parameters.last.map { $0.offset + $0.count } ?? 0
        parameters.append(
            Program.Parameter(
                value: value, offset: offset, start: floats, shape: tensor.shape,
                tuned: min(count ?? floats.count, floats.count)))
    }

    /// Adds the node's step if it depends on a parameter.
    mutating func addStep(_ node: Node) throws(TuningError) {
        let isLive = node.inputs.contains { input in
            input.flatMap { places[$0] }.map { slots[$0].dependsOnParameters } ?? false
        }
        guard isLive, let result = node.output(0) else { return }
        var operands: [Int?] = []
        for input in node.inputs {
            operands.append(try input.flatMap { (input) throws(TuningError) in try place(of: input) })
        }
        let shape = try map(result)
        add(result, Program.Slot(shape: shape, origin: .computed))
        let source = StepSource(
            node: node, context: OperatorContext(graph: graph, node: node), operands: operands,
            result: slots.count - 1, slots: slots)
        steps.append(try GradientCatalog.step(source))
    }

    /// The place of an operand, which becomes a constant or an input of the program if it is not known yet; nil for a
    /// constant without floats.
    private mutating func place(of value: ValueID) throws(TuningError) -> Int? {
        if let known = places[value] { return known }
        guard let tensor = graph.constant(value) else {
            let shape = try map(value)
            add(value, Program.Slot(shape: shape, origin: .input(inputs.count)))
            inputs.append(value)
            inputSlots.append(slots.count - 1)
            return slots.count - 1
        }
        guard tensor.elementType.isFloatingPoint, let floats = tensor.floats else { return nil }
        // [C, H, W] without leading ones, or [1, C, H, W], broadcasts to maps.
        let extents =
            tensor.rank == 4 && tensor.shape[0] == 1 ? Array(tensor.shape.dropFirst()) : tensor.shape
        let map = MapShape(extents)
        add(
            value,
            Program.Slot(
                shape: map ?? MapShape(channels: floats.count, height: 1, width: 1), isFlat: map == nil,
                origin: .constant(FloatBuffer(floats))))
        return slots.count - 1
    }

    private mutating func add(_ value: ValueID, _ slot: Program.Slot) {
        slots.append(slot)
        places[value] = slots.count - 1
    }

    /// The shape of one image's part of a value [N, C, H, W].
    private func map(_ value: ValueID) throws(TuningError) -> MapShape {
        let extents = graph[value].shape?.dims.dropFirst().compactMap(\.value) ?? []
        guard extents.count == 3, graph[value].shape?.rank == 4,
            graph[value].tensorType?.elementType == .float32, let shape = MapShape(extents)
        else { throw .noMap(value: graph[value].name) }
        return shape
    }
}
