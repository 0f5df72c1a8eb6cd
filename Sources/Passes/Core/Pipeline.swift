import GraphIR
import Operators

/// An ordered list of passes, run again and again until none of them changes anything.
public struct Pipeline: Sendable {
    /// The passes in the order in which they run.
    public let passes: [any Pass]

    /// The most rounds made. Graphs of real exporters need two to four. A graph that needs more is still
    /// valid and computes the same; the result says that it is not canonical.
    public static let roundLimit = 32

    /// A pipeline of these passes.
    public init(_ passes: [any Pass]) { self.passes = passes }

    /// The rewritten graph; see `runRecording(_:validating:)`.
    public func run(_ graph: Graph, validating: Bool = false) throws -> Graph {
        try runRecording(graph, validating: validating).graph
    }

    /// Runs the passes to a fixed point.
    ///
    /// Types are inferred at the start and after every change. The graph's outputs keep their declared types.
    ///
    /// - Parameter validating: whether to check the whole graph against its operators' schemas after every
    ///   pass that changed something.
    /// - Throws: `PassError`; the error of `ShapeInference.infer` if the graph was invalid from the start.
    public func runRecording(_ graph: Graph, validating: Bool = false) throws -> PipelineResult {
        let declared = graph.outputs.map { graph[$0].type }
        var current = try ShapeInference.infer(graph)
        var changes: [PipelineResult.Change] = []
        for round in 1...Pipeline.roundLimit {
            let before = changes.count
            for pass in passes {
                guard let next = try apply(pass, to: current, validating: validating) else { continue }
                changes.append(
                    PipelineResult.Change(
                        pass: pass.name, round: round, nodesBefore: current.order.count,
                        nodesAfter: next.order.count))
                current = next
            }
            if changes.count == before {
                return PipelineResult(
                    graph: try current.declaringOutputs(declared), changes: changes, isFixedPoint: true)
            }
        }
        return PipelineResult(
            graph: try current.declaringOutputs(declared), changes: changes, isFixedPoint: false)
    }

    private func apply(_ pass: any Pass, to graph: Graph, validating: Bool) throws -> Graph? {
        do {
            guard let changed = try pass.run(graph) else { return nil }
            let typed = try ShapeInference.infer(changed)
            if validating { try SchemaCheck.validate(typed) }
            return typed
        } catch {
            throw PassError.wrapping(error, pass: pass.name)
        }
    }
}

/// The result of running a pipeline.
public struct PipelineResult: Sendable {
    /// One run of one pass that changed the graph.
    public struct Change: Sendable, Equatable {
        /// The pass's name.
        public let pass: String
        /// Counted from 1.
        public let round: Int
        /// Nodes of the graph before the pass.
        public let nodesBefore: Int
        /// Nodes of the graph after the pass.
        public let nodesAfter: Int
    }

    /// The rewritten graph, all types inferred.
    public let graph: Graph
    /// In the order in which they happened; empty if the graph was canonical already.
    public let changes: [Change]
    /// Whether another run would change nothing; false if the round limit stopped the pipeline.
    public let isFixedPoint: Bool
}

extension Graph {
    /// The graph with its outputs declared as `types` again, so that its signature does not change.
    fileprivate func declaringOutputs(_ types: [ValueType?]) throws -> Graph {
        var edit = GraphEdit(self)
        for (output, type) in zip(outputs, types) { edit.setType(output, type) }
        return edit.hasChanges ? try edit.commit() : self
    }
}
