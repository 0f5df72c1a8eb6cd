import GraphIR
import Operators

/// A rewrite of a graph into one that computes the same outputs.
///
/// A conforming type lives in a file of its own in `Library/`, headed by a picture of the graph before and
/// after, the conditions under which it fires, and the formula if it computes anything. It keeps the graph's
/// inputs and outputs (names, types, order) and every name that a subgraph reads.
///
/// The types and shapes of all values are inferred when a pass runs. A pass need not keep them up: the
/// pipeline infers them again after every change.
public protocol Pass: Sendable {
    /// What the command line calls the pass, such as `fold-batch-normalization`.
    var name: String { get }
    /// What the pass does, in one sentence.
    var summary: String { get }

    /// The rewritten graph, or nil if there was nothing to do.
    ///
    /// A pass that ran leaves nothing behind that it would rewrite again, as far as that can be seen from one
    /// walk over the graph.
    func run(_ graph: Graph) throws -> Graph?
}

/// A pass that looks at one node and its neighbours at a time.
public protocol LocalPass: Pass {
    /// Whether consumers are visited before producers; by default producers come first.
    var visitsConsumersFirst: Bool { get }

    /// Rewrites the graph around `node` if the pass's conditions hold there; does nothing otherwise.
    ///
    /// `node` and `edit.graph` are as earlier rewrites of the same run left them.
    ///
    /// - Throws: `OperatorError`, before anything is edited, for a node that makes no sense to its operator: it is
    ///   left alone, and running it says why. Other errors end the run.
    func rewrite(_ node: Node, _ edit: inout GraphEdit) throws
}

extension LocalPass {
    public var visitsConsumersFirst: Bool { false }

    public func run(_ graph: Graph) throws -> Graph? {
        var edit = GraphEdit(graph)
        for id in visitsConsumersFirst ? graph.order.reversed() : graph.order where edit.graph.contains(id) {
            do {
                try rewrite(edit.graph[id], &edit)
            } catch is OperatorError {
                continue
            } catch {
                throw PassError(pass: name, node: graph.label(of: graph[id]), error)
            }
        }
        return edit.hasChanges ? try edit.commit() : nil
    }
}
