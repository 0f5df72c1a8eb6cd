import GraphIR
import Operators

/// The nodes that add a narrow image to the first channels of a wide one, in the ways in which a graph can
/// spell that:
///
///     split     X -> Slice [:, :k] -> Add (B) -> Concat along channels -> Y
///               X -> Slice [:, k:] ------------^
///     padding   B -> Pad channels to C -> [MaxPool 1x1] -> Add (X) -> Y
///
/// A pattern matches if no value between its ends is read by others or is a result of the run.
struct FirstChannelsPattern {
    /// B [N, k, H, W].
    let addend: ValueID
    /// X [N, C, H, W].
    let image: ValueID
    /// Y.
    let output: ValueID
    /// In topological order; the last one computes Y.
    let nodes: [Node]

    /// What a spelling is recognised by: the node that computes Y.
    typealias Spelling = @Sendable (Node, PatternContext) throws -> FirstChannelsPattern?

    static let spellings: [Spelling] = [{ try split($0, $1) }, { try padding($0, $1) }]

    /// The pattern that ends with the node.
    static func match(_ node: Node, _ context: PatternContext) throws -> FirstChannelsPattern? {
        for spelling in spellings {
            if let pattern = try spelling(node, context) { return pattern }
        }
        return nil
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

    // MARK: Spellings

    private static func split(_ concat: Node, _ context: PatternContext) throws -> FirstChannelsPattern? {
        let request = context.request(concat)
        guard concat.isOperator("Concat"), request.isFloat, concat.inputs.count == 2,
            let output = concat.output(0), let y = request.outputs.first ?? nil, y.shape.count == 4,
            let axis = try request.context.int("axis"), axis == 1 || axis == -3,
            let add = context.inner(concat.input(0)), add.isOperator("Add"), add.inputs.count == 2,
            let rest = context.inner(concat.input(1)), rest.isOperator("Slice"),
            let image = rest.input(0)
        else { return nil }
        for position in 0..<2 {
            guard let first = context.inner(add.input(position)), first.isOperator("Slice"),
                first.input(0) == image, let addend = add.input(1 - position)
            else { continue }
            let (a, b) = (context.request(first), context.request(rest))
            guard let x = a.input(0), x == y, let head = a.outputs.first ?? nil,
                let tail = b.outputs.first ?? nil, context.type(of: addend) == head,
                try BlockedSlice.firstChannel(a, x) == 0,
                try BlockedSlice.firstChannel(b, x) == head.shape[1],
                head.shape[1] + tail.shape[1] == x.shape[1]
            else { continue }
            return FirstChannelsPattern(
                addend: addend, image: image, output: output, nodes: [first, add, rest, concat])
        }
        return nil
    }

    private static func padding(_ add: Node, _ context: PatternContext) throws -> FirstChannelsPattern? {
        let request = context.request(add)
        guard add.isOperator("Add"), request.isFloat, add.inputs.count == 2, let output = add.output(0),
            let y = request.outputs.first ?? nil, y.shape.count == 4
        else { return nil }
        for position in 0..<2 {
            let pool = try unitPooling(add.input(position), context)
            guard let pad = context.inner(pool?.input(0) ?? add.input(position)), pad.isOperator("Pad"),
                let addend = pad.input(0), let image = add.input(1 - position), image != addend,
                context.type(of: image) == y, let b = context.type(of: addend), b.shape.count == 4,
                try padsChannelsOnly(context.request(pad), by: y.shape[1] - b.shape[1])
            else { continue }
            let nodes = [pad, pool, add].compactMap { $0 }
            return FirstChannelsPattern(addend: addend, image: image, output: output, nodes: nodes)
        }
        return nil
    }

    /// The node that computes the value, if it is a pooling whose windows are single elements.
    private static func unitPooling(_ value: ValueID?, _ context: PatternContext) throws -> Node? {
        guard let pool = context.inner(value), pool.isOperator("MaxPool") else { return nil }
        let attributes = context.request(pool).context
        let isUnit =
            try attributes.ints("kernel_shape")?.allSatisfy { $0 == 1 } == true
            && attributes.ints("strides")?.allSatisfy { $0 == 1 } != false
            && attributes.ints("pads")?.allSatisfy { $0 == 0 } != false
        return isUnit ? pool : nil
    }

    private static func padsChannelsOnly(_ request: KernelRequest, by count: Int) throws -> Bool {
        let context = request.context
        guard try context.string("mode") ?? "constant" == "constant", !request.hasInput(3) else {
            return false
        }
        let pads: [Int]?
        let value: Float
        if context.opset < 11 {
            pads = try context.ints("pads")
            value = try context.float("value", default: 0)
        } else {
            pads = context.constant(1)?.integers
            value = request.hasInput(2) ? context.constant(2)?.floats?.first ?? .nan : 0
        }
        return value == 0 && count > 0 && pads == [0, 0, 0, 0, 0, count, 0, 0]
    }
}

/// What patterns may know of the graph that is planned.
struct PatternContext {
    let specialization: Specialization
    /// Values that a run returns; they have to exist as such.
    let results: Set<ValueID>
    let settings: EngineSettings

    /// The node that computes the value, if only one node reads the value and it is needed for nothing else.
    func inner(_ id: ValueID?) -> Node? {
        guard let id, !results.contains(id), specialization.constants[id] == nil,
            specialization.graph.soleConsumer(of: id) != nil
        else { return nil }
        return specialization.graph.producer(of: id)
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
