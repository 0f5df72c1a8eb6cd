import GraphIR
import Operators

/// One run of a plan.
struct Execution {
    private let plan: Plan
    private let inputs: [ValueID: PinnedTensor]
    private let arena: Block
    private let threadScratch: Block
    private let results: [Block]
    private var tensors: [PinnedTensor?]
    private let budget: EvaluationBudget
    /// The address of every planned value; nil for those that no step has computed yet.
    private var addresses: [UnsafeMutableRawPointer?]

    /// - Parameters:
    ///   - arena: a block of at least `plan.arenaBytes` bytes.
    ///   - threadScratch: at least `plan.threadScratch` floats for each thread.
    init(_ plan: Plan, inputs: [ValueID: PinnedTensor], arena: Block, threadScratch: Block) throws {
        self.plan = plan
        self.inputs = inputs
        self.arena = arena
        self.threadScratch = threadScratch
        results = try plan.resultBlocks.map { try Block(count: $0) }
        tensors = [PinnedTensor?](repeating: nil, count: plan.tensorSlots.count)
        budget = EvaluationBudget(operations: plan.limits.operations)
        addresses = []
        addresses = plan.values.map(address)
    }

    /// Runs all steps.
    ///
    /// - Parameter clock: called when each step has ended; nil for a run that is not timed.
    /// - Throws: any error of a reference evaluation, or `RuntimeError`.
    mutating func run(
        on pool: ThreadPool, clock: ((_ step: Int) -> Void)? = nil
    ) throws -> [(name: String, tensor: Tensor)] {
        for (position, step) in plan.steps.enumerated() {
            switch step.action {
            case .kernel(let kernel): try run(kernel, step, on: pool)
            case .reference(let rule, let node): try evaluate(rule, node, step)
            case .view: break
            }
            for slot in step.released { tensors[slot] = nil }
            clock?(position)
        }
        return try plan.results.map { (plan.values[$0].name, try tensor($0)) }
    }

    private func run(_ kernel: any Kernel, _ step: Plan.PlannedStep, on pool: ThreadPool) throws {
        let shared = (arena.start + step.sharedScratch).assumingMemoryBound(to: Float.self)
        let scratch = threadScratch.start.assumingMemoryBound(to: Float.self)
        try addresses.withUnsafeBufferPointer { addresses in
            guard let base = addresses.baseAddress else { return }
            let operands = Operands(
                addresses: base, inputs: step.inputs, outputs: step.outputs, sharedScratch: shared)
            try kernel.prepare(operands, node: step.label)
            for (phase, tasks) in kernel.phases.enumerated() {
                pool.run(tasks: tasks) { task, thread in
                    kernel.run(
                        phase: phase, task: task, operands, scratch: scratch + thread * plan.threadScratch)
                }
            }
        }
    }

    private mutating func evaluate(_ rule: any Operator, _ node: Node, _ step: Plan.PlannedStep) throws {
        let inputs = try step.inputs.map { try $0.map(tensor) }
        var context = OperatorContext(graph: plan.graph, node: node, inputs: inputs)
        for index in step.captures { context.captures[plan.values[index].name] = try tensor(index) }
        context.budget = budget
        for (index, computed) in zip(step.outputs, try rule.evaluateWithinBudget(context, inputs)) {
            if let index { try store(computed, in: index, step) }
        }
    }

    /// Puts the result of a reference evaluation into its place.
    private mutating func store(_ computed: Tensor, in index: Int, _ step: Plan.PlannedStep) throws {
        let value = plan.values[index]
        if case .tensor(let slot) = value.place {
            // The evaluation may have returned a part of the arena, which other steps write to.
            let isBorrowed = computed.bytes.withUnsafeBytes { bytes in
                bytes.baseAddress.map { $0 >= arena.start && $0 < arena.start + arena.count } ?? false
            }
            let copy = computed.bytes.withUnsafeBytes {
                isBorrowed ? ByteRegion(copying: $0) : computed.bytes
            }
            let owned =
                isBorrowed ? try Tensor(computed.elementType, shape: computed.shape, bytes: copy) : computed
            tensors[slot] = PinnedTensor(owned)
            for other in plan.tensorSlots[slot] { addresses[other] = address(plan.values[other]) }
            return
        }
        guard let type = value.type, let target = addresses[index], type == ConcreteType(computed.type)
        else {
            throw RuntimeError.unexpectedOutput(
                node: step.label, planned: value.type.map { TensorType($0.elementType, $0.shape) },
                computed: computed.type)
        }
        computed.bytes.withUnsafeBytes { source in
            if let start = source.baseAddress { target.copyMemory(from: start, byteCount: source.count) }
        }
    }

    /// The row-major value as a tensor over its memory.
    private func tensor(_ index: Int) throws -> Tensor {
        let value = plan.values[index]
        switch value.place {
        case .constant(let pinned): return pinned.tensor
        case .input(let id):
            guard let tensor = inputs[id]?.tensor else { throw RuntimeError.missingInput(value.name) }
            return value.type.flatMap { tensor.reshaped(to: $0.shape) } ?? tensor
        case .tensor(let slot):
            guard let tensor = tensors[slot]?.tensor else { throw RuntimeError.notComputed(value.name) }
            return tensor
        case .arena(let offset): return try tensor(value, arena, offset)
        case .result(let block): return try tensor(value, results[block], 0)
        }
    }

    private func tensor(_ value: Plan.PlannedValue, _ block: Block, _ offset: Int) throws -> Tensor {
        guard let type = value.type else { throw RuntimeError.notComputed(value.name) }
        return try Tensor(
            type.elementType, shape: type.shape,
            bytes: block.region(offset: offset, count: type.byteCount))
    }

    /// The address of the value. Kernels never write to the caller's tensors and constants, although the
    /// pointer would let them.
    private func address(_ value: Plan.PlannedValue) -> UnsafeMutableRawPointer? {
        switch value.place {
        case .constant(let pinned): pinned.start.map { UnsafeMutableRawPointer(mutating: $0) }
        case .input(let id): inputs[id]?.start.map { UnsafeMutableRawPointer(mutating: $0) }
        case .tensor(let slot): tensors[slot]?.start.map { UnsafeMutableRawPointer(mutating: $0) }
        case .arena(let offset): arena.start + offset
        case .result(let block): results[block].start
        }
    }
}
