import GraphIR
import Synchronization

/// The settings of a session.
public struct SessionOptions: Sendable {
    /// The number of threads that share the work; results do not depend on it. At least 1 is used.
    public var threads: Int
    /// Names of the values to compute; nil for the graph's outputs. Only the nodes that they depend on need
    /// be runnable.
    public var outputs: [String]?
    /// Names of inner values to return after the outputs.
    public var taps: [String]
    /// The instruction set of the hot kernels; nil for `InstructionSet.preferred`.
    public var instructionSet: InstructionSet?
    /// Whether every convolution is summed directly, without Winograd's transforms, which are faster but
    /// round more. docs/runtime.md gives the error bounds of both.
    public var isExact: Bool
    /// The limits of a run.
    public var limits: RunLimits

    /// - Parameter threads: defaults to the number of processors that the process may run on.
    public init(
        threads: Int? = nil, outputs: [String]? = nil, taps: [String] = [],
        instructionSet: InstructionSet? = nil, isExact: Bool = false, limits: RunLimits = RunLimits()
    ) {
        self.threads = threads ?? BLAS.availableProcessors
        self.outputs = outputs
        self.taps = taps
        self.instructionSet = instructionSet
        self.isExact = isExact
        self.limits = limits
    }
}

/// Runs a graph.
///
/// Each set of input types gets a plan, made once: constants are folded, patterns and convolutions fused with
/// the nodes after them, a layout and a kernel chosen for each step, and memory shared by values that do not
/// live at the same time. Weights of convolutions are packed once, for all plans; others are read in place,
/// even from a mapped file. docs/runtime.md describes the stages.
///
/// Results are bit-identical at any number of threads, and a sample's results do not depend on its batch. A
/// session may be used from several threads; its runs take turns.
public final class Session: Sendable {
    private let graph: Graph
    private let outputs: [ValueID]
    private let defaultTaps: [String]
    private let settings: EngineSettings
    private let pool: ThreadPool
    private let state: Mutex<State>

    private struct State {
        /// The most recent plans, the latest used first.
        var plans: [(types: [ValueID: TensorType], results: [ValueID], plan: Plan)] = []
        var weights = WeightCache()
        var arena: Block?
        var threadScratch: Block?
    }

    /// Ends the threads that libraries start at load and sessions do not use. The first session does so too;
    /// a program that does other work first frees a processor for it by calling this earlier.
    public static func prepareProcess() { BLAS.configure() }

    /// Plans for the declared input shapes if they are static. Weights are packed before the first run that
    /// needs them.
    ///
    /// - Throws: `OperatorError` for a node that contradicts its operator, or `RuntimeError` for an operator
    ///   that cannot be run, for unknown taps, and for an unavailable instruction set.
    public init(_ graph: Graph, options: SessionOptions = SessionOptions()) throws {
        Session.prepareProcess()
        let graph = try PairPropagation.applied(to: graph)
        self.graph = graph
        outputs = try options.outputs.map { try Session.values(graph, $0) } ?? graph.outputs
        defaultTaps = options.taps
        let results = try outputs + Session.values(graph, options.taps)
        _ = try Specialization.needed(graph, results)
        pool = ThreadPool(threads: options.threads)
        settings = EngineSettings(
            instructionSet: try options.instructionSet?.checked() ?? .preferred(), threads: pool.threads,
            isExact: options.isExact, limits: options.limits)
        state = Mutex(State())
        if let types = Session.declaredTypes(graph) {
            _ = try state.withLock { try plan(for: types, results, &$0) }
        }
    }

    /// Computes the outputs: the graph's, or those that the options name.
    ///
    /// - Parameters:
    ///   - inputs: a tensor for each graph input that has no default, by name.
    ///   - taps: names of inner values to return in this run; nil for those of the session's options.
    /// - Returns: the outputs in order, then the taps.
    /// - Throws: `RuntimeError` for inputs that do not fit the graph or contents that are out of range;
    ///   `OperatorError` for shapes that contradict an operator.
    public func run(
        _ inputs: [String: Tensor], taps: [String]? = nil
    ) throws -> [(name: String, tensor: Tensor)] {
        let binding = try InputBinding(graph, inputs)
        let results = try outputs + Session.values(graph, taps ?? defaultTaps)
        return try state.withLock { state in
            let plan = try plan(for: binding.types, results, &state)
            var execution = try execution(of: plan, binding, &state)
            return try execution.run(on: pool)
        }
    }

    /// Runs the graph and times each step. Other runs pay nothing for this.
    ///
    /// - Parameters:
    ///   - runs: the number of runs, at least 1. Run the graph once before, to fill the caches.
    /// - Throws: the same errors as `run`.
    public func profile(_ inputs: [String: Tensor], runs: Int) throws -> SessionProfile {
        let binding = try InputBinding(graph, inputs)
        let results = try outputs + Session.values(graph, defaultTaps)
        return try state.withLock { state in
            let plan = try plan(for: binding.types, results, &state)
            var times: [[Double]] = []
            var totals: [Double] = []
            let clock = ContinuousClock()
            for _ in 0..<max(1, runs) {
                let begin = clock.now
                var execution = try execution(of: plan, binding, &state)
                var steps: [Double] = []
                steps.reserveCapacity(plan.steps.count)
                var last = clock.now
                _ = try execution.run(on: pool) { _ in
                    let now = clock.now
                    steps.append((now - last) / .seconds(1))
                    last = now
                }
                times.append(steps)
                totals.append((clock.now - begin) / .seconds(1))
            }
            return SessionProfile(
                steps: plan.profile(times), seconds: totals, threads: pool.threads,
                instructionSet: settings.instructionSet, peakActivationBytes: plan.activationBytes)
        }
    }

    /// The most bytes that inner values and outputs take at any time, including the steps' shared scratch
    /// memory but not inputs and weights, by the plan that was used last; 0 before the first plan is made.
    public var peakActivationBytes: Int {
        state.withLock { $0.plans.first?.plan.activationBytes ?? 0 }
    }

    /// The number of plans kept: a model is usually run with one or two batch sizes.
    private static let keptPlans = 4

    private static func values(_ graph: Graph, _ names: [String]) throws(RuntimeError) -> [ValueID] {
        var values: [ValueID] = []
        for name in names {
            guard let value = graph.value(named: name) else { throw .unknownTap(name) }
            values.append(value.id)
        }
        return values
    }

    /// The plan for the types and results. Its weights are packed before its first run.
    private func plan(
        for types: [ValueID: TensorType], _ results: [ValueID], _ state: inout State
    ) throws -> Plan {
        if let index = state.plans.firstIndex(where: { $0.types == types && $0.results == results }) {
            let entry = state.plans.remove(at: index)
            state.plans.insert(entry, at: 0)
            return entry.plan
        }
        let plan = try Plan(
            graph, inputs: types, results: results, settings: settings, weights: &state.weights)
        try settings.limits.check(plan, inputs: types, threads: pool.threads)
        state.plans.insert((types, results, plan), at: 0)
        if state.plans.count > Session.keptPlans { state.plans.removeLast() }
        return plan
    }

    private func execution(
        of plan: Plan, _ binding: InputBinding, _ state: inout State
    ) throws -> Execution {
        try state.weights.pack(on: pool)
        let arena = try Session.block(of: plan.arenaBytes, reusing: &state.arena)
        let scratch = try Session.block(
            of: plan.threadScratch * pool.threads * MemoryLayout<Float>.stride, reusing: &state.threadScratch)
        return try Execution(plan, inputs: binding.tensors, arena: arena, threadScratch: scratch)
    }

    private static func block(of bytes: Int, reusing kept: inout Block?) throws -> Block {
        if let kept, kept.count >= bytes { return kept }
        kept = nil
        let block = try Block(count: bytes, isHuge: true)
        kept = block
        return block
    }

    /// The types of the inputs without default, if all are static.
    private static func declaredTypes(_ graph: Graph) -> [ValueID: TensorType]? {
        var types: [ValueID: TensorType] = [:]
        for id in graph.requiredInputs {
            guard let type = graph[id].tensorType, type.shape?.isStatic == true else { return nil }
            types[id] = type
        }
        return types
    }
}
