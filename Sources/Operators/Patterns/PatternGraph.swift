import GraphIR

/// The facts of a graph that patterns ask for. Whoever looks for a pattern knows shapes and constants in its own way, and
/// has its own mind about which nodes a pattern may take in.
public protocol PatternGraph {
    /// The graph that patterns are looked for in.
    var graph: Graph { get }
    /// C of a value [N, C, H, W]; nil if it is not known, or the value has another rank.
    func channels(of value: ValueID) -> Int?
    /// The contents of a value; nil if they are not known.
    func constant(_ value: ValueID?) -> Tensor?
    /// The node that computes a value, if a pattern may take it in.
    func inner(_ value: ValueID?) -> Node?
}
