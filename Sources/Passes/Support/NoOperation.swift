import GraphIR
import Operators

/// Knows the applications of operators that have no effect.
enum NoOperation {
    /// Whether `node`'s first output is its first input, bit for bit.
    static func isOne(_ node: Node, in graph: Graph) throws -> Bool {
        guard node.domain.isEmpty, let rule = rules[node.operatorType] else { return false }
        return try rule(Application(node: node, graph: graph))
    }

    /// A node with the facts known about it.
    private struct Application {
        let context: OperatorContext
        let input: TensorType?
        let output: TensorType?

        init(node: Node, graph: Graph) {
            context = OperatorContext(graph: graph, node: node)
            input = context.inputType(0)
            output = context.outputTypes.first ?? nil
        }

        /// Whether the output's shape is known to equal the input's.
        ///
        /// One extent may be unknown on both sides if the element count stays: the other extents then
        /// determine it, if they are numbers other than 0.
        func keepsShape(andElementCount keepsCount: Bool) -> Bool {
            guard let from = input?.shape, let to = output?.shape, from.rank == to.rank else { return false }
            let open = from.dims.indices.filter { !from[$0].isKnownEqual(to: to[$0]) }
            if open.isEmpty { return true }
            guard keepsCount, open.count == 1 else { return false }
            return from.dims.indices.allSatisfy { $0 == open[0] || (from[$0].value ?? 0) > 0 }
        }
    }

    private static let rules: [String: @Sendable (Application) throws -> Bool] = [
        "Identity": { _ in true },
        "Dropout": { try isInference($0.context) },
        "Cast": { $0.input != nil && $0.input?.elementType == $0.output?.elementType },
        "Reshape": { try $0.keepsShape(andElementCount: true) || namesOwnShape($0) },
        "Flatten": { try $0.keepsShape(andElementCount: true) || flattensMatrix($0) },
        "Squeeze": { $0.keepsShape(andElementCount: true) },
        "Unsqueeze": { $0.keepsShape(andElementCount: true) },
        "Expand": { $0.keepsShape(andElementCount: false) || addsNothing($0) },
        "Transpose": { try isIdentityPermutation($0.context) },
        "Pad": { try Padding($0.context)?.amounts.allSatisfy { $0 == 0 } ?? false },
        "Slice": { try ($0.keepsShape(andElementCount: false) && goesForward($0.context)) || takesAll($0) },
        "Concat": { $0.context.inputCount == 1 },
        "Sum": { $0.context.inputCount == 1 },
        "Mean": { $0.context.inputCount == 1 },
        "Max": { $0.context.inputCount == 1 },
        "Min": { $0.context.inputCount == 1 },
    ]

    /// Dropout has an effect in training only: never from opset 7 on, unless input 2 asks for it (opset 12).
    private static func isInference(_ context: OperatorContext) throws -> Bool {
        guard context.opset >= 7 else { return false }
        guard context.opset >= 12, context.hasInput(2) else { return true }
        return context.integers(input: 2) == [0]
    }

    private static func takesAll(_ node: Application) throws -> Bool {
        guard let rank = node.input?.shape?.rank else { return false }
        return try Slice.takesAll(node.context, rank: rank)
    }

    /// Whether a Reshape names, axis by axis, the extent that is there already; one may be left to infer.
    private static func namesOwnShape(_ node: Application) throws -> Bool {
        guard let from = node.input?.shape, let target = node.context.integers(input: 1),
            target.count == from.rank, try node.context.int("allowzero", default: 0) == 0
        else { return false }
        let others = target.indices.filter { target[$0] != 0 && from[$0] != .fixed(target[$0]) }
        return others.isEmpty || (others.count == 1 && target[others[0]] == -1)
    }

    /// Whether a Flatten acts on a matrix, at its second axis.
    private static func flattensMatrix(_ node: Application) throws -> Bool {
        guard let rank = node.input?.shape?.rank, rank == 2 else { return false }
        return try node.context.axis(node.context.int("axis", default: 1), rank: rank, isPosition: true) == 1
    }

    /// Whether an Expand names 1, or the extent that is there already, for every axis.
    private static func addsNothing(_ node: Application) -> Bool {
        guard let from = node.input?.shape, let target = node.context.integers(input: 1),
            target.count <= from.rank
        else { return false }
        return zip(target.reversed(), from.dims.reversed()).allSatisfy { $0 == 1 || $1 == .fixed($0) }
    }

    private static func isIdentityPermutation(_ context: OperatorContext) throws -> Bool {
        guard let permutation = try context.ints("perm") else { return context.shape(0)?.rank ?? 2 < 2 }
        return permutation == Array(permutation.indices)
    }

    /// Whether a Slice has no negative step, which would reverse an axis. (Steps exist from opset 10 on.)
    private static func goesForward(_ context: OperatorContext) throws -> Bool {
        guard context.opset >= 10, context.hasInput(4) else { return true }
        return context.integers(input: 4)?.allSatisfy { $0 > 0 } ?? false
    }
}
