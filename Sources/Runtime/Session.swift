import GraphIR
import Synchronization

/// How a session runs.
public struct SessionOptions: Sendable {
    /// The number of threads that share the work; results do not depend on it. At least 1 is used.
    public var threads: Int
    /// Names of inner values to return after the graph's outputs.
    public var taps: [String]

    /// - Parameter threads: by default as many as the processors that the process may run on.
    public init(threads: Int? = nil, taps: [String] = []) {
        self.threads = threads ?? BLAS.availableProcessors
        self.taps = taps
    }
}

/// Runs a graph.
///
/// A plan is made once for each set of input types: constants folded, convolutions fused with what follows,
/// a kernel chosen for each step, and memory shared by values that do not live at the same time. Weights are
/// read where the graph holds them, a file's mapping included.
///
/// Results are bit-identical at any number of threads, and a sample's results do not depend on the batch that
/// it is in. A session may be used from several threads; its runs take turns.
public final class Session: Sendable {
    private let graph: Graph
    private let results: [ValueID]
    private let pool: ThreadPool
    private let state: Mutex<State>

    private struct State {
        /// The plans made last, the latest used first.
        var plans: [(types: [ValueID: TensorType], plan: Plan)] = []
        /// Initialisers as kernels read them; the plans share the copies of those at odd addresses.
        var weights: [ValueID: PinnedTensor] = [:]
        var arena: Block?
        var threadScratch: Block?
    }

    /// Plans for the declared input shapes, if they are static.
    ///
    /// - Throws: `OperatorError` for a node that contradicts its operator, or `RuntimeError` for an operator
    ///   that cannot be run and for unknown taps.
    public init(_ graph: Graph, options: SessionOptions = SessionOptions()) throws {
        BLAS.configure()
        self.graph = graph
        var results = graph.outputs
        for name in options.taps {
            guard let value = graph.value(named: name) else { throw RuntimeError.unknownTap(name) }
            results.append(value.id)
        }
        self.results = results
        _ = try Specialization.needed(graph, results)
        pool = ThreadPool(threads: options.threads)
        state = Mutex(State())
        if let types = Session.declaredTypes(graph) {
            _ = try state.withLock { try plan(for: types, &$0) }
        }
    }

    /// Computes the graph's outputs.
    ///
    /// - Parameter inputs: a tensor for each graph input that has no default, by name.
    /// - Returns: the graph outputs in order, then the taps.
    /// - Throws: `RuntimeError` for inputs that do not fit the graph or contents that are out of range;
    ///   `OperatorError` for shapes that contradict an operator.
    public func run(_ inputs: [String: Tensor]) throws -> [(name: String, tensor: Tensor)] {
        let binding = try InputBinding(graph, inputs)
        return try state.withLock { state in
            let plan = try plan(for: binding.types, &state)
            let arena = try Session.block(of: plan.arenaBytes, reusing: &state.arena)
            let scratch = try Session.block(
                of: plan.threadScratch * pool.threads * MemoryLayout<Float>.stride,
                reusing: &state.threadScratch)
            var execution = try Execution(
                plan, inputs: binding.tensors, arena: arena, threadScratch: scratch)
            return try execution.run(on: pool)
        }
    }

    /// Bytes that inner values and outputs take at most at any time, the memory that steps share as scratch
    /// included, inputs and weights not, by the plan that was used last; 0 before the first one is made.
    public var peakActivationBytes: Int {
        state.withLock { $0.plans.first?.plan.activationBytes ?? 0 }
    }

    /// Plans that are kept: a model is mostly run with one or two batch sizes.
    private static let keptPlans = 4

    private func plan(for types: [ValueID: TensorType], _ state: inout State) throws -> Plan {
        if let index = state.plans.firstIndex(where: { $0.types == types }) {
            let entry = state.plans.remove(at: index)
            state.plans.insert(entry, at: 0)
            return entry.plan
        }
        let plan = try Plan(graph, inputs: types, results: results, weights: &state.weights)
        state.plans.insert((types, plan), at: 0)
        if state.plans.count > Session.keptPlans { state.plans.removeLast() }
        return plan
    }

    private static func block(of bytes: Int, reusing kept: inout Block?) throws -> Block {
        if let kept, kept.count >= bytes { return kept }
        kept = nil
        let block = try Block(count: bytes)
        kept = block
        return block
    }

    /// The types of the inputs without default, if all are static.
    private static func declaredTypes(_ graph: Graph) -> [ValueID: TensorType]? {
        var types: [ValueID: TensorType] = [:]
        for id in graph.inputs where graph[id].initializer == nil {
            guard let type = graph[id].tensorType, type.shape?.isStatic == true else { return nil }
            types[id] = type
        }
        return types
    }
}
