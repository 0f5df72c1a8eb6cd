import GraphIR
import Operators

/// One step of a plan, before its operands have places in memory.
struct Step: Sendable {
    enum Action: Sendable {
        case kernel(any Kernel)
        /// The operator's plain evaluation, for what no kernel covers.
        case reference(any Operator, Node)
        /// Output 0 is input 0 under another shape: nothing runs.
        case view
    }

    /// How errors and profiles name the step.
    let label: String
    let action: Action
    /// Nil where an optional input is left out.
    let inputs: [ValueID?]
    /// Nil where an optional output is left out.
    let outputs: [ValueID?]
    /// Values that the node's subgraphs read.
    var captures: [ValueID] = []
    /// Inputs whose memory output 0 may take over if nobody reads them afterwards.
    var inPlaceInputs: [Int] = []

    var sharedScratch: Int { if case .kernel(let kernel) = action { kernel.sharedScratch } else { 0 } }
    var threadScratch: Int { if case .kernel(let kernel) = action { kernel.threadScratch } else { 0 } }
}
