import GraphIR

/// Gives every computed value a place, sharing memory between values that do not live at the same time.
///
/// Values that are views of each other, or written over each other in place, form one buffer. A buffer that
/// holds a result is a block of its own; the others, and the steps' scratch memory, share the arena.
struct MemoryPlan {
    private struct Buffer {
        var bytes: Int
        var firstStep: Int
        var lastStep: Int
        var isResult = false
    }

    private let types: [ValueID: TensorType]
    private let inputs: Set<ValueID>
    /// The value behind a view.
    private var viewed: [StoredValue: StoredValue] = [:]
    /// The last step that reads a value or a view of it; `Int.max` for results.
    private var lastReads: [StoredValue: Int] = [:]
    private var buffers: [Buffer] = []
    private var bufferOfValue: [StoredValue: Int] = [:]
    private var scratchBuffers: [Int: Int] = [:]
    private var slots: [StoredValue: Int] = [:]
    private var released: [Int: [Int]] = [:]
    private var layout = ArenaLayout()
    private var offsets: [Int] = []
    private(set) var resultBlocks: [Int] = []
    private var blockOfBuffer: [Int: Int] = [:]

    /// - Throws: `RuntimeError.outOfMemory` if the sizes overflow.
    init(
        _ specialization: Specialization, _ steps: [Step], inputs: Set<ValueID>, results: [ValueID]
    ) throws {
        types = specialization.types
        self.inputs = inputs
        findViewsAndReads(steps, results)
        for (position, step) in steps.enumerated() { assign(step, position) }
        for result in results {
            if let buffer = bufferOfValue[root(StoredValue(id: result, layout: .rowMajor))] {
                buffers[buffer].isResult = true
            }
        }
        try place()
    }

    var arenaBytes: Int { layout.bytes }
    var tensorSlots: Int { slots.count }

    /// The place of a value that is not constant; nil for values that no step of the plan touches.
    func place(of value: StoredValue) -> Plan.Place? {
        let root = root(value)
        if inputs.contains(root.id), root.layout == .rowMajor { return .input(root.id) }
        if let slot = slots[root] { return .tensor(slot: slot) }
        guard let buffer = bufferOfValue[root] else { return nil }
        if let block = blockOfBuffer[buffer] { return .result(block: block) }
        return .arena(offset: offsets[buffer])
    }

    func scratchOffset(step: Int) -> Int { scratchBuffers[step].map { offsets[$0] } ?? 0 }

    /// Tensor slots without readers after the step.
    func releases(step: Int) -> [Int] { released[step] ?? [] }

    /// The value that owns the memory. O(1): the value behind a view is a root already when the view is
    /// recorded.
    private func root(_ value: StoredValue) -> StoredValue {
        var value = value
        while let source = viewed[value] { value = source }
        return value
    }

    private mutating func findViewsAndReads(_ steps: [Step], _ results: [ValueID]) {
        for (position, step) in steps.enumerated() {
            if case .view = step.action, let output = step.outputs.first ?? nil {
                viewed[output] = (step.inputs.first ?? nil).map(root)
            }
            for case let value? in step.inputs + step.captures { lastReads[root(value)] = position }
        }
        for result in results { lastReads[root(StoredValue(id: result, layout: .rowMajor))] = Int.max }
    }

    private mutating func assign(_ step: Step, _ position: Int) {
        if case .view = step.action { return }
        if step.sharedScratch > 0 {
            scratchBuffers[position] = addBuffer(
                bytes: step.sharedScratch * MemoryLayout<Float>.stride, position, position)
        }
        for case let (index, value?) in step.outputs.enumerated() {
            let lastRead = lastReads[value] ?? position
            guard let bytes = ConcreteType(types[value.id])?.byteCount(in: value.layout) else {
                let slot = slots.count
                slots[value] = slot
                if lastRead < Int.max { released[lastRead, default: []].append(slot) }
                continue
            }
            if index == 0, let buffer = reusable(step, position, bytes: bytes) {
                bufferOfValue[value] = buffer
                buffers[buffer].lastStep = lastRead
            } else {
                bufferOfValue[value] = addBuffer(bytes: bytes, position, lastRead)
            }
        }
    }

    private mutating func addBuffer(bytes: Int, _ first: Int, _ last: Int) -> Int {
        buffers.append(Buffer(bytes: bytes, firstStep: first, lastStep: last))
        return buffers.count - 1
    }

    /// The buffer of an input that the step may overwrite: it has the same size, no later reader, and is not
    /// the memory of an input that must stay intact while the step runs.
    private func reusable(_ step: Step, _ position: Int, bytes: Int) -> Int? {
        let whole = step.inputs.indices.filter { !step.inPlaceInputs.contains($0) }
            .compactMap { step.inputs[$0].flatMap(buffer) }
        for index in step.inPlaceInputs where step.inputs.indices.contains(index) {
            guard let buffer = step.inputs[index].flatMap(buffer), buffers[buffer].bytes == bytes,
                buffers[buffer].lastStep == position, !whole.contains(buffer)
            else { continue }
            return buffer
        }
        return nil
    }

    private func buffer(_ value: StoredValue) -> Int? { bufferOfValue[root(value)] }

    private mutating func place() throws(RuntimeError) {
        for (index, buffer) in buffers.enumerated() {
            if buffer.isResult {
                blockOfBuffer[index] = resultBlocks.count
                resultBlocks.append(buffer.bytes)
            } else {
                try layout.add(buffer.bytes, steps: buffer.firstStep...buffer.lastStep)
            }
        }
        var arenaOffsets = layout.assign()[...]
        offsets = buffers.map { $0.isResult ? 0 : arenaOffsets.popFirst() ?? 0 }
    }
}
