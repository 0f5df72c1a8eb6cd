import GraphIR
import Operators

/// What a run does, in order, for inputs of given types, and where every value lies meanwhile.
struct Plan: Sendable {
    /// Where a value lies during a run.
    enum Place: Sendable {
        case constant(PinnedTensor)
        /// In the caller's tensor for this graph input.
        case input(ValueID)
        /// In the session's arena.
        case arena(offset: Int)
        /// In a block of its own that is handed out with the results.
        case result(block: Int)
        /// In a tensor that a step makes, because its type is known only then.
        case tensor(slot: Int)
    }

    struct PlannedValue: Sendable {
        let name: String
        let place: Place
        /// Nil if it is known only during the run.
        let type: ConcreteType?
    }

    struct PlannedStep: Sendable {
        let label: String
        let action: Step.Action
        /// Indices of `values`; nil where an operand is left out.
        let inputs: [Int?]
        let outputs: [Int?]
        let captures: [Int]
        /// Byte offset in the arena of the scratch memory that the step's tasks share.
        let sharedScratch: Int
        /// Tensor slots that nobody reads after this step.
        let released: [Int]
    }

    let graph: Graph
    let values: [PlannedValue]
    let steps: [PlannedStep]
    /// Indices of the values that a run returns.
    let results: [Int]
    let arenaBytes: Int
    /// Bytes of each result block.
    let resultBlocks: [Int]
    let tensorSlots: Int
    /// Floats of scratch memory that each thread brings.
    let threadScratch: Int

    /// Bytes that inner values and results take at most at any time, the steps' shared scratch memory
    /// included.
    var activationBytes: Int { resultBlocks.reduce(arenaBytes, +) }

    /// - Parameters:
    ///   - inputs: the types of the graph inputs that are given; the others take their defaults.
    ///   - results: the values that a run returns, in order.
    ///   - weights: the graph's initialisers that plans of the same graph have pinned so far.
    /// - Throws: `OperatorError` or `RuntimeError`.
    init(
        _ graph: Graph, inputs: [ValueID: TensorType], results: [ValueID],
        weights: inout [ValueID: PinnedTensor]
    ) throws {
        let specialization = try Specialization(graph, inputs: inputs, results: results)
        let steps = try StepBuilder.steps(specialization, results: Set(results))
        let memory = try MemoryPlan(specialization, steps, inputs: Set(inputs.keys), results: results)
        var indices: [ValueID: Int] = [:]
        var values: [PlannedValue] = []
        func index(_ id: ValueID) -> Int? {
            if let index = indices[id] { return index }
            let place: Place
            if let tensor = specialization.constants[id] {
                let pinned = weights[id] ?? PinnedTensor(tensor)
                if graph[id].initializer != nil { weights[id] = pinned }
                place = .constant(pinned)
            } else {
                guard let found = memory.place(of: id) else { return nil }
                place = found
            }
            indices[id] = values.count
            values.append(
                PlannedValue(
                    name: graph[id].name, place: place, type: ConcreteType(specialization.types[id])))
            return values.count - 1
        }
        self.graph = graph
        self.steps = steps.enumerated().compactMap { position, step in
            if case .view = step.action { return nil }
            return PlannedStep(
                label: step.label, action: step.action, inputs: step.inputs.map { $0.flatMap(index) },
                outputs: step.outputs.map { $0.flatMap(index) }, captures: step.captures.compactMap(index),
                sharedScratch: memory.scratchOffset(step: position),
                released: memory.releases(step: position))
        }
        self.results = results.compactMap(index)
        self.values = values
        arenaBytes = memory.arenaBytes
        resultBlocks = memory.resultBlocks
        tensorSlots = memory.tensorSlots
        threadScratch = steps.map(\.threadScratch).max() ?? 0
    }
}
