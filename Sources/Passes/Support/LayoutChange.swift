import GraphIR
import Operators

/// The changes that make a node do to channels-first images what it now does to channels-last ones.
struct LayoutChange {
    /// The positions of the inputs that are images; all others are constants or scalars.
    let images: [Int]
    /// Constants in their new layout, by input position.
    var constants: [(position: Int, tensor: Tensor)] = []
    var attributes: [(name: String, value: Attribute)] = []

    /// The change that `node` needs if its images have `rank`; nil if its operator neither treats all axes
    /// alike nor names the axes that it works on.
    init?(_ node: Node, rank: Int, in graph: Graph) throws {
        guard node.domain.isEmpty, node.captures.isEmpty, ImageLayout.ranks.contains(rank),
            node.outputs.dropFirst().allSatisfy({ $0.map { graph[$0].useCount == 0 } ?? true })
        else { return nil }
        let context = OperatorContext(graph: graph, node: node)
        switch node.operatorType {
        case let type where LayoutChange.unary.contains(type): images = [0]
        case let type where LayoutChange.broadcasting.contains(type):
            guard context.opset >= 7 else { return nil }
            images = LayoutChange.computedInputs(of: node, in: graph)
            guard translateConstants(context, rank) else { return nil }
        case "Concat":
            images = LayoutChange.computedInputs(of: node, in: graph)
            guard let axis = try context.int("axis") else { return nil }
            guard context.constants.allSatisfy({ $0 == nil || $0?.rank == rank }),
                translateConstants(context, rank)
            else { return nil }
            attributes.append(("axis", .int(try LayoutChange.translate([axis], context, rank)[0])))
        case "Softmax", "LogSoftmax":
            guard context.opset >= 13 else { return nil }
            images = [0]
            let axis = try context.int("axis", default: -1)
            attributes.append(("axis", .int(try LayoutChange.translate([axis], context, rank)[0])))
        case let type where LayoutChange.reductions.contains(type):
            images = [0]
            guard try context.int("keepdims", default: 1) == 1, try translateAxes(context, rank, input: 1)
            else {
                return nil
            }
        case "Pad":
            images = [0]
            guard try translatePadding(context, rank) else { return nil }
        default: return nil
        }
    }

    private static let unary: Set<String> = [
        "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "Cast", "Ceil", "Celu", "Clip", "Cos",
        "Cosh", "Dropout", "Elu", "Erf", "Exp", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Identity",
        "LeakyRelu", "Log", "Mish", "Neg", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid",
        "Sign", "Sin", "Sinh", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh", "ThresholdedRelu",
    ]
    private static let broadcasting: Set<String> = [
        "Add", "Div", "Max", "Mean", "Min", "Mul", "PRelu", "Pow", "Sub", "Sum",
    ]
    private static let reductions: Set<String> = ["ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum"]

    private static func computedInputs(of node: Node, in graph: Graph) -> [Int] {
        node.inputs.indices.filter { node.inputs[$0] != nil && graph.constant(node.inputs[$0]) == nil }
    }

    /// Axes of channels-last images as those of channels-first images.
    static func translate(_ axes: [Int], _ context: OperatorContext, _ rank: Int) throws -> [Int64] {
        let order = ImageLayout.toChannelsLast(rank: rank)
        return try axes.map { Int64(order[try context.axis($0, rank: rank)]) }
    }

    private mutating func translateConstants(_ context: OperatorContext, _ rank: Int) -> Bool {
        for (position, constant) in context.constants.enumerated() {
            guard let constant else { continue }
            guard let tensor = constant.channelsFirst(rank: rank) else { return false }
            if tensor != constant { constants.append((position, tensor)) }
        }
        return true
    }

    /// Translates the axes that an attribute or, at a later opset, an input lists.
    private mutating func translateAxes(_ context: OperatorContext, _ rank: Int, input: Int) throws -> Bool {
        if let axes = try context.ints("axes") {
            attributes.append(("axes", .ints(try LayoutChange.translate(axes, context, rank).sorted())))
            return true
        }
        guard let axes = context.integers(input: input), !axes.isEmpty else { return false }
        constants.append((input, Tensor(try LayoutChange.translate(axes, context, rank))))
        return true
    }

    private mutating func translatePadding(_ context: OperatorContext, _ rank: Int) throws -> Bool {
        guard let padding = try Padding(context), padding.amounts.count == 2 * rank else { return false }
        if context.opset >= 18, context.hasInput(3) { return try translateAxes(context, rank, input: 3) }
        let order = ImageLayout.toChannelsFirst(rank: rank)
        let amounts = (order + order.map { $0 + rank }).map { Int64(padding.amounts[$0]) }
        if context.opset < 11 {
            attributes.append(("pads", .ints(amounts)))
        } else {
            constants.append((1, Tensor(amounts)))
        }
        return true
    }
}

extension GraphEdit {
    /// Gives a node the constants and attributes of its new layout.
    mutating func apply(_ change: LayoutChange, to node: NodeID) throws {
        for (position, tensor) in change.constants {
            let old = graph[node].input(position).map { graph[$0].name } ?? "constant"
            try replaceConstant(node, position, by: tensor, name: "\(old)_channels_first")
        }
        for (name, value) in change.attributes { setAttribute(node, name, value) }
    }
}
