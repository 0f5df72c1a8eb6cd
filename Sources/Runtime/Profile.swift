import GraphIR

/// How long one step of a model takes.
public struct StepProfile: Sendable {
    /// The nodes that the step computes, in topological order; none for a change of layout.
    public let nodes: [NodeID]
    /// The step by its first node, as errors name it.
    public let label: String
    /// What computes it, such as "direct" or "Winograd F(4x4)".
    public let kernel: String
    /// Of each run, in order.
    public let seconds: [Double]
    /// Multiply-accumulates as the definition counts them, whatever the kernel saves; 0 for steps that are not
    /// bound by them.
    public let macs: Int
    /// Of the operands that the step reads and writes, each once, and of its packed weights.
    public let bytes: Int
}

/// What a profiled session computes and how long its steps take.
public struct SessionProfile: Sendable {
    /// In the order in which they run.
    public let steps: [StepProfile]
    /// Of each run as a whole.
    public let seconds: [Double]
    /// The threads that shared the work.
    public let threads: Int
    /// That of the hot kernels.
    public let instructionSet: InstructionSet
    /// See `Session.peakActivationBytes`.
    public let peakActivationBytes: Int
}

extension Plan {
    /// The steps with the times that were measured for them, one list for each run.
    func profile(_ times: [[Double]]) -> [StepProfile] {
        steps.enumerated().map { position, step in
            let (kernel, macs, weights) =
                switch step.action {
                case .kernel(let kernel): (kernel.name, kernel.macs, kernel.weightBytes)
                case .reference, .view: ("reference", 0, 0)
                }
            let operands = Set((step.inputs + step.outputs).compactMap { $0 })
            let bytes = operands.reduce(weights) { sum, index in
                sum + (values[index].type?.byteCount(in: values[index].layout) ?? 0)
            }
            return StepProfile(
                nodes: step.nodes, label: step.label, kernel: kernel, seconds: times.map { $0[position] },
                macs: macs, bytes: bytes)
        }
    }
}
