import GraphIR
import Operators

/// Knows which applications of which operators change nothing.
enum NoOperation {
    /// Whether `node`'s first output is its first input, bit for bit.
    static func isOne(_ node: Node, in graph: Graph) throws -> Bool {
        guard node.domain.isEmpty, let rule = rules[node.operatorType] else { return false }
        return try rule(Application(node: node, graph: graph))
    }

    /// A node with what is known of it.
    private struct Application {
        let context: OperatorContext
        let input: TensorType?
        let output: TensorType?

        init(node: Node, graph: Graph) {
            context = OperatorContext(graph: graph, node: node)
            input = context.inputType(0)
            output = context.outputTypes.first ?? nil
        }

        /// Whether the output's shape is known to be the input's.
        ///
        /// One extent may be unknown on both sides where the element count stays: the others, if they are
        /// numbers and not 0, then settle it.
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
        "Reshape": { $0.keepsShape(andElementCount: true) },
        "Flatten": { $0.keepsShape(andElementCount: true) },
        "Squeeze": { $0.keepsShape(andElementCount: true) },
        "Unsqueeze": { $0.keepsShape(andElementCount: true) },
        "Expand": { $0.keepsShape(andElementCount: false) },
        "Transpose": { try isIdentityPermutation($0.context) },
        "Pad": { try Padding($0.context)?.amounts.allSatisfy { $0 == 0 } ?? false },
        "Slice": { try $0.keepsShape(andElementCount: false) && goesForward($0.context) },
        "Concat": { $0.context.inputCount == 1 },
        "Sum": { $0.context.inputCount == 1 },
        "Mean": { $0.context.inputCount == 1 },
        "Max": { $0.context.inputCount == 1 },
        "Min": { $0.context.inputCount == 1 },
    ]

    /// Dropout drops in training only: never from opset 7 on, unless input 2 says so (opset 12).
    private static func isInference(_ context: OperatorContext) throws -> Bool {
        guard context.opset >= 7 else { return false }
        guard context.opset >= 12, context.hasInput(2) else { return true }
        return context.integers(input: 2) == [0]
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
