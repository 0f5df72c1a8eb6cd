import GraphIR
import Operators

/// One step of a plan in terms of the graph, before layouts are chosen.
struct Operation {
    enum Work {
        /// The kernels that can run the operation, best first; never empty.
        case kernels([KernelChoice])
        /// The operator's reference evaluation, if no kernel supports the node.
        case reference(any Operator, Node)
        /// Output 0 is input 0 in another shape: nothing runs.
        case view
    }

    /// The step's name in errors.
    let label: String
    /// The nodes that the operation computes.
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

    /// The step's name in errors.
    let label: String
    /// The nodes that the step computes; none for a change of layout.
    let nodes: [NodeID]
    let action: Action
    let inputs: [StoredValue?]
    let outputs: [StoredValue?]
    var captures: [StoredValue] = []
    /// Inputs whose memory output 0 may take over if they have no later reader.
    var inPlaceInputs: [Int] = []

    var sharedScratch: Int { if case .kernel(let kernel) = action { kernel.sharedScratch } else { 0 } }
    var threadScratch: Int { if case .kernel(let kernel) = action { kernel.threadScratch } else { 0 } }
}
