import GraphIR
import Operators

/// One step of a plan as the graph asks for it, before layouts are chosen.
struct Operation {
    enum Work {
        /// The kernels that can do it, the most wanted first; never empty.
        case kernels([KernelChoice])
        /// The operator's plain evaluation, for what no kernel covers.
        case reference(any Operator, Node)
        /// Output 0 is input 0 under another shape: nothing runs.
        case view
    }

    /// How errors name the step.
    let label: String
    /// The nodes that it computes.
    let nodes: [NodeID]
    let work: Work
    /// Nil where an optional input is left out.
    let inputs: [ValueID?]
    /// Nil where an optional output is left out.
    let outputs: [ValueID?]
    /// Values that the node's subgraphs read.
    var captures: [ValueID] = []
}

/// One step of a plan, before its operands have places in memory.
struct Step: Sendable {
    enum Action: Sendable {
        case kernel(any Kernel)
        case reference(any Operator, Node)
        case view
    }

    /// How errors name the step.
    let label: String
    /// The nodes that it computes; none for a change of layout.
    let nodes: [NodeID]
    let action: Action
    let inputs: [StoredValue?]
    let outputs: [StoredValue?]
    var captures: [StoredValue] = []
    /// Inputs whose memory output 0 may take over if nobody reads them afterwards.
    var inPlaceInputs: [Int] = []

    var sharedScratch: Int { if case .kernel(let kernel) = action { kernel.sharedScratch } else { 0 } }
    var threadScratch: Int { if case .kernel(let kernel) = action { kernel.threadScratch } else { 0 } }
}
