import GraphIR
import Synchronization

/// The cost limit of evaluating a graph, so that no model, however small, takes hours.
///
/// One budget serves a whole run: the nodes of its graph and of their subgraphs draw on it together.
public final class EvaluationBudget: Sendable {
    /// The operations of one run: minutes for the runtime's kernels. ResNet-152 takes 10^10 for an image.
    public static let defaultOperations = 10_000_000_000_000
    /// An operation of a reference evaluation counts as this many, since it takes that much longer.
    static let plainWeight = 100

    private let limit: Int
    private let left: Mutex<Int>

    /// A budget of the given operations, with nothing spent.
    public init(operations: Int = EvaluationBudget.defaultOperations) {
        limit = operations
        left = Mutex(operations)
    }

    /// Takes `operations` from the remaining budget.
    ///
    /// - Throws: `OperatorError.limit`, with `place`, if they exceed it.
    public func spend(_ operations: Int, place: String) throws(OperatorError) {
        let isEnough = left.withLock { left in
            guard operations <= left else { return false }
            left -= operations
            return true
        }
        guard isEnough else {
            throw OperatorError(
                .limit, node: place, "evaluating the model takes more than \(limit) operations",
                remedy: "use a smaller input, or raise --max-operations if the file is trusted")
        }
    }
}

extension Operator {
    /// The cost of one application in operations: its `cost`, plus each element that it writes. The nodes of
    /// subgraphs spend their own cost when they run.
    public func operations(_ context: OperatorContext) -> Int {
        let hasSubgraph = context.attributes.entries.contains {
            if case .graph = $0.value { true } else { false }
        }
        let cost = hasSubgraph ? .free : cost(context) ?? .free
        return context.outputTypes.reduce(cost.macs.addingClamped(cost.elementaryOperations)) { sum, type in
            sum.addingClamped(type?.shape?.elementCount ?? 0)
        }
    }

    /// The outputs, as `evaluate` computes them, within the context's budget.
    public func evaluateWithinBudget(_ context: OperatorContext, _ inputs: [Tensor?]) throws -> [Tensor] {
        let operations = operations(context.knowing(outputTypes: try inferTypes(context)))
        let (weighted, overflow) = operations.multipliedReportingOverflow(by: EvaluationBudget.plainWeight)
        try context.budget.spend(overflow ? .max : weighted, place: context.label)
        return try evaluate(context, inputs)
    }
}

extension Int {
    /// The sum of two numbers that are not negative, or `Int.max` if it overflows.
    func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
