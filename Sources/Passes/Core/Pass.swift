import GraphIR
import Operators

/// A rewrite of a graph into one that computes the same outputs.
///
/// Each pass is one type in a file of its own in `Library/`. The file opens with a picture of the graph
/// before and after, the conditions under which the pass fires, and the formula if it computes anything. A
/// pass keeps the graph's inputs and outputs (names, types, order) and every name that a subgraph reads.
///
/// The types and shapes of all values are inferred before a pass runs. A pass need not update them: the
/// pipeline infers them again after every change.
public protocol Pass: Sendable {
    /// The pass's name on the command line, such as `fold-batch-normalization`.
    var name: String { get }
    /// One sentence that says what the pass does.
    var summary: String { get }

    /// The rewritten graph, or nil if there is nothing to do.
    ///
    /// Running a pass twice must change nothing: one run rewrites everything that it can find in one walk
    /// over the graph.
    func run(_ graph: Graph) throws -> Graph?
}

/// A pass that examines one node and its neighbours at a time.
public protocol LocalPass: Pass {
    /// Whether consumers are visited before producers; by default producers come first.
    var visitsConsumersFirst: Bool { get }

    /// Rewrites the graph around `node` if the pass's conditions hold there, and does nothing otherwise.
    ///
    /// `node` and `edit.graph` include the earlier rewrites of the same run.
    ///
    /// - Throws: `OperatorError`, before any edit, for a node that violates its operator's definition. The
    ///   pass leaves the node alone; running the node reports the error. Other errors end the run.
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
