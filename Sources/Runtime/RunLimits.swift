import GraphIR
import Operators

/// The limits of running a model. A model of a few kilobytes can ask for any amount.
public struct RunLimits: Sendable, Equatable {
    /// Bytes that inputs, inner values, outputs and scratch memory may take together.
    public var memory = 8 << 30
    /// The most operations of one run: see `Operator.operations`, and `EvaluationBudget` for those without a
    /// kernel.
    public var operations = EvaluationBudget.defaultOperations

    /// The limits that docs/limits.md lists.
    public init() {}

    /// - Throws: `RuntimeError.limit` if a plan needs more memory.
    func check(_ plan: Plan, inputs: [ValueID: TensorType], threads: Int) throws(RuntimeError) {
        var bytes = 0
        let scratch = plan.threadScratch.multipliedReportingOverflow(by: MemoryLayout<Float>.stride * threads)
        let inputBytes = inputs.values.map { ConcreteType($0)?.byteCount ?? 0 }
        for part in inputBytes + plan.resultBlocks + [plan.arenaBytes, scratch.partialValue] {
            let (sum, overflow) = bytes.addingReportingOverflow(part)
            guard !overflow, !scratch.overflow, sum <= memory else {
                throw .limit("running it takes more than \(memory >> 20) MB of memory", flag: "--max-memory")
            }
            bytes = sum
        }
    }
}
