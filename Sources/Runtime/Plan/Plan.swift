import GraphIR
import Operators

/// The steps of a run in order, for inputs of given types, and the place of every value meanwhile.
struct Plan: Sendable {
    /// The place of a value during a run.
    enum Place: Sendable {
        case constant(PinnedTensor)
        /// In the caller's tensor for this graph input.
        case input(ValueID)
        /// In the session's arena.
        case arena(offset: Int)
        /// In a block of its own, which becomes the caller's with the results.
        case result(block: Int)
        /// In a tensor that a step creates, because its type is known only then.
        case tensor(slot: Int)
    }

    struct PlannedValue: Sendable {
        let name: String
        let place: Place
        let layout: Layout
        /// Nil if it is known only during the run.
        let type: ConcreteType?
    }

    struct PlannedStep: Sendable {
        let label: String
        /// The nodes that the step computes; none for a change of layout.
        let nodes: [NodeID]
        let action: Step.Action
        /// Indices of `values`; nil where an operand is left out.
        let inputs: [Int?]
        let outputs: [Int?]
        let captures: [Int]
        /// Byte offset in the arena of the scratch memory that the step's tasks share.
        let sharedScratch: Int
        /// Tensor slots without readers after this step.
        let released: [Int]
    }

    let graph: Graph
    let limits: RunLimits
    let values: [PlannedValue]
    let steps: [PlannedStep]
    /// Indices of the values that a run returns.
    let results: [Int]
    let arenaBytes: Int
    /// Bytes of each result block.
    let resultBlocks: [Int]
    /// For each tensor slot, the indices of its values: one, and its views.
    let tensorSlots: [[Int]]
    /// Floats of scratch memory that each thread provides.
    let threadScratch: Int

    /// The most bytes that inner values and results take at any time, including the steps' shared scratch
    /// memory.
    var activationBytes: Int { resultBlocks.reduce(arenaBytes, +) }

    /// Makes a plan, stage by stage: types and constants; patterns on bytes; other
    /// patterns, fusion and kernels; layouts; memory.
    ///
    /// - Parameters:
    ///   - inputs: the types of the graph inputs that are given; the others take their defaults.
    ///   - results: the values that a run returns, in order.
    ///   - weights: the constants of the graph as its plans read them; new ones must be packed before a run.
    /// - Throws: `OperatorError` or `RuntimeError`.
    init(
        _ graph: Graph, inputs: [ValueID: TensorType], results: [ValueID], settings: EngineSettings,
        weights: inout WeightCache
    ) throws {
        var specialization = try Specialization(
            graph, inputs: inputs, results: results, limits: settings.limits)
        let quantized = try QuantizedPatterns.find(
            PatternContext(specialization: specialization, results: Set(results), settings: settings),
            &weights)
        try specialization.settle(except: quantized.replaced)
        let context = PatternContext(
            specialization: specialization, results: Set(results), settings: settings)
        let operations = try StepBuilder.operations(context, quantized, &weights)
        let steps = try LayoutAssignment.steps(operations, specialization, results: context.results)
        let memory = try MemoryPlan(specialization, steps, inputs: Set(inputs.keys), results: results)
        var values = PlannedValues(specialization, memory)
        self.graph = graph
        limits = settings.limits
        self.steps = steps.enumerated().compactMap { position, step in
            if case .view = step.action { return nil }
            return PlannedStep(
                label: step.label, nodes: step.nodes, action: step.action,
                inputs: step.inputs.map { $0.flatMap { values.index($0, &weights) } },
                outputs: step.outputs.map { $0.flatMap { values.index($0, &weights) } },
                captures: step.captures.compactMap { values.index($0, &weights) },
                sharedScratch: memory.scratchOffset(step: position),
                released: memory.releases(step: position))
        }
        self.results = results.compactMap {
            values.index(StoredValue(id: $0, layout: .rowMajor), &weights)
        }
        self.values = values.values
        arenaBytes = memory.arenaBytes
        resultBlocks = memory.resultBlocks
        tensorSlots = values.values.enumerated()
            .reduce(into: [[Int]](repeating: [], count: memory.tensorSlots)) { slots, value in
                if case .tensor(let slot) = value.element.place { slots[slot].append(value.offset) }
            }
        threadScratch = steps.map(\.threadScratch).max() ?? 0
    }
}

/// The values of a plan in the order in which its steps refer to them.
private struct PlannedValues {
    private let specialization: Specialization
    private let memory: MemoryPlan
    private var indices: [StoredValue: Int] = [:]
    private(set) var values: [Plan.PlannedValue] = []

    init(_ specialization: Specialization, _ memory: MemoryPlan) {
        self.specialization = specialization
        self.memory = memory
    }

    /// Nil for values that no step of the plan touches.
    mutating func index(_ value: StoredValue, _ weights: inout WeightCache) -> Int? {
        if let index = indices[value] { return index }
        guard let place = place(of: value, &weights) else { return nil }
        indices[value] = values.count
        values.append(
            Plan.PlannedValue(
                name: specialization.graph[value.id].name, place: place, layout: value.layout,
                type: ConcreteType(specialization.types[value.id])))
        return values.count - 1
    }

    private func place(of value: StoredValue, _ weights: inout WeightCache) -> Plan.Place? {
        guard value.layout == .rowMajor, let tensor = specialization.constants[value.id] else {
            return memory.place(of: value)
        }
        let pinned = weights.pinned[value.id] ?? PinnedTensor(tensor)
        if specialization.graph[value.id].initializer != nil { weights.pinned[value.id] = pinned }
        return .constant(pinned)
    }
}
