import GraphIR

/// The time of one step of a model.
public struct StepProfile: Sendable {
    /// The nodes that the step computes, in topological order; none for a change of layout.
    public let nodes: [NodeID]
    /// The step's name in errors: that of its first node.
    public let label: String
    /// The kernel's name, such as "direct" or "Winograd F(4x4)".
    public let kernel: String
    /// The times of the runs, in order.
    public let seconds: [Double]
    /// Multiply-accumulates by definition, even if the kernel saves some; 0 for steps that they do not bound.
    public let macs: Int
    /// Whether the kernel multiplies quantised numbers.
    public let isQuantized: Bool
    /// The bytes of the operands that the step reads and writes, each once, and of its packed weights.
    public let bytes: Int
}

/// The steps and times of a profiled session.
public struct SessionProfile: Sendable {
    /// The steps in the order in which they run.
    public let steps: [StepProfile]
    /// The times of whole runs.
    public let seconds: [Double]
    /// The threads that shared the work.
    public let threads: Int
    /// The instruction set of the hot kernels.
    public let instructionSet: InstructionSet
    /// See `Session.peakActivationBytes`.
    public let peakActivationBytes: Int
}

extension Plan {
    /// The steps with their measured times, one list for each run.
    func profile(_ times: [[Double]]) -> [StepProfile] {
        steps.enumerated().map { position, step in
            let (kernel, macs, isQuantized, weights) =
                switch step.action {
                case .kernel(let kernel): (kernel.name, kernel.macs, kernel.isQuantized, kernel.weightBytes)
                case .reference, .view: ("reference", 0, false, 0)
                }
            let operands = Set((step.inputs + step.outputs).compactMap { $0 })
            let bytes = operands.reduce(weights) { sum, index in
                sum + (values[index].type?.byteCount(in: values[index].layout) ?? 0)
            }
            return StepProfile(
                nodes: step.nodes, label: step.label, kernel: kernel, seconds: times.map { $0[position] },
                macs: macs, isQuantized: isQuantized, bytes: bytes)
        }
    }
}
