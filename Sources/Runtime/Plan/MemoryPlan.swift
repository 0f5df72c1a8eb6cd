import GraphIR

/// Gives every value that the steps compute a place, sharing memory between values that do not live at the
/// same time.
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
    /// The value that a view shows.
    private var viewed: [ValueID: ValueID] = [:]
    /// The last step that reads a value or a view of it; `Int.max` for results.
    private var lastReads: [ValueID: Int] = [:]
    private var buffers: [Buffer] = []
    private var bufferOfValue: [ValueID: Int] = [:]
    private var scratchBuffers: [Int: Int] = [:]
    private var slots: [ValueID: Int] = [:]
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
            if let buffer = bufferOfValue[root(result)] { buffers[buffer].isResult = true }
        }
        try place()
    }

    var arenaBytes: Int { layout.bytes }
    var tensorSlots: Int { slots.count }

    /// Where a value that is not constant lies; nil for values that no step of the plan touches.
    func place(of id: ValueID) -> Plan.Place? {
        let root = root(id)
        if inputs.contains(root) { return .input(root) }
        if let slot = slots[root] { return .tensor(slot: slot) }
        guard let buffer = bufferOfValue[root] else { return nil }
        if let block = blockOfBuffer[buffer] { return .result(block: block) }
        return .arena(offset: offsets[buffer])
    }

    func scratchOffset(step: Int) -> Int { scratchBuffers[step].map { offsets[$0] } ?? 0 }

    /// Tensor slots that nobody reads after the step.
    func releases(step: Int) -> [Int] { released[step] ?? [] }

    private func root(_ id: ValueID) -> ValueID {
        var id = id
        while let source = viewed[id] { id = source }
        return id
    }

    private mutating func findViewsAndReads(_ steps: [Step], _ results: [ValueID]) {
        for (position, step) in steps.enumerated() {
            if case .view = step.action, let output = step.outputs.first ?? nil {
                viewed[output] = step.inputs.first ?? nil
            }
            for case let id? in step.inputs + step.captures { lastReads[root(id)] = position }
        }
        for result in results { lastReads[root(result)] = Int.max }
    }

    private mutating func assign(_ step: Step, _ position: Int) {
        if case .view = step.action { return }
        if step.sharedScratch > 0 {
            scratchBuffers[position] = addBuffer(
                bytes: step.sharedScratch * MemoryLayout<Float>.stride, position, position)
        }
        for case let (index, id?) in step.outputs.enumerated() {
            let lastRead = lastReads[id] ?? position
            guard let type = ConcreteType(types[id]) else {
                slots[id] = slots.count
                if lastRead < Int.max, let slot = slots[id] { released[lastRead, default: []].append(slot) }
                continue
            }
            if index == 0, let buffer = reusable(step, position, bytes: type.byteCount) {
                bufferOfValue[id] = buffer
                buffers[buffer].lastStep = lastRead
            } else {
                bufferOfValue[id] = addBuffer(bytes: type.byteCount, position, lastRead)
            }
        }
    }

    private mutating func addBuffer(bytes: Int, _ first: Int, _ last: Int) -> Int {
        buffers.append(Buffer(bytes: bytes, firstStep: first, lastStep: last))
        return buffers.count - 1
    }

    /// The buffer of an input that the step may write over: of the same size, and read by nobody later.
    private func reusable(_ step: Step, _ position: Int, bytes: Int) -> Int? {
        for index in step.inPlaceInputs where step.inputs.indices.contains(index) {
            guard let input = step.inputs[index], let buffer = bufferOfValue[root(input)],
                buffers[buffer].bytes == bytes, buffers[buffer].lastStep == position
            else { continue }
            return buffer
        }
        return nil
    }

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
