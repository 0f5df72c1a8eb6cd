import GraphIR

/// The facts about a graph that patterns need. Each user of patterns knows shapes and constants in its own
/// way, and decides itself which nodes a pattern may absorb.
public protocol PatternGraph {
    /// The graph to search.
    var graph: Graph { get }
    /// C of a value [N, C, H, W]; nil if it is unknown, or the value has another rank.
    func channels(of value: ValueID) -> Int?
    /// The contents of a value; nil if they are unknown.
    func constant(_ value: ValueID?) -> Tensor?
    /// The node that computes a value, if a pattern may absorb it.
    func inner(_ value: ValueID?) -> Node?
}
