import GraphIR

/// Chooses the layout of every value, and with it the kernel of every operation.
///
/// Operations are taken in order. Each runs by the kernel whose inputs need the fewest bytes converted; among
/// equals, the one listed first. If an input does not exist in the layout that the kernel reads, a step of
/// its own converts it once for all its readers. So a value stays blocked from the first convolution on,
/// through everything that has a blocked kernel, and is row-major everywhere else. Results of the run are
/// always row-major.
struct LayoutAssignment {
    private let types: [ValueID: TensorType]
    private let name: (ValueID) -> String
    /// The layouts in which a value exists so far; a value that no step computes is row-major.
    private var layouts: [ValueID: Set<Layout>] = [:]
    private var steps: [Step] = []

    /// - Throws: `RuntimeError.outOfMemory` for values larger than the address space.
    static func steps(
        _ operations: [Operation], _ specialization: Specialization, results: Set<ValueID>
    ) throws(RuntimeError) -> [Step] {
        var assignment = LayoutAssignment(specialization)
        for operation in operations {
            try assignment.assign(operation)
            for case let output? in operation.outputs where results.contains(output) {
                try assignment.provide(output, .rowMajor)
            }
        }
        return assignment.steps
    }

    private init(_ specialization: Specialization) {
        types = specialization.types
        name = { specialization.graph[$0].name }
    }

    private mutating func assign(_ operation: Operation) throws(RuntimeError) {
        var (action, choice) = (Step.Action.view, KernelChoice?.none)
        switch operation.work {
        case .kernels(let choices):
            choice = choices.min { conversions($0, operation.inputs) < conversions($1, operation.inputs) }
            if let choice { action = .kernel(choice.kernel) }
        case .reference(let rule, let node): action = .reference(rule, node)
        case .view: break
        }
        var stored: [StoredValue?] = []
        for (position, input) in operation.inputs.enumerated() {
            guard let input, choice?.heldInputs.contains(position) != true else {
                stored.append(nil)
                continue
            }
            let layout = choice?.inputLayouts?[position] ?? .rowMajor
            try provide(input, layout)
            stored.append(StoredValue(id: input, layout: layout))
        }
        for capture in operation.captures { try provide(capture, .rowMajor) }
        var made: [StoredValue?] = []
        for (position, output) in operation.outputs.enumerated() {
            let layout = choice?.outputLayouts?[position] ?? .rowMajor
            if let output { layouts[output] = [layout] }
            made.append(output.map { StoredValue(id: $0, layout: layout) })
        }
        steps.append(
            Step(
                label: operation.label, nodes: operation.nodes, action: action, inputs: stored, outputs: made,
                captures: operation.captures.map { StoredValue(id: $0, layout: .rowMajor) },
                inPlaceInputs: choice?.inPlaceInputs ?? []))
    }

    /// The number of bytes to convert before the kernel can run.
    private func conversions(_ choice: KernelChoice, _ inputs: [ValueID?]) -> Int {
        var converted: Set<ValueID> = []
        return inputs.enumerated().reduce(0) { sum, input in
            let layout = choice.inputLayouts?[input.offset] ?? .rowMajor
            guard let id = input.element, !layouts[id, default: [.rowMajor]].contains(layout),
                converted.insert(id).inserted
            else { return sum }
            return sum + (ConcreteType(types[id])?.byteCount ?? 0)
        }
    }

    /// Makes the value exist in the layout.
    private mutating func provide(_ id: ValueID, _ layout: Layout) throws(RuntimeError) {
        guard !layouts[id, default: [.rowMajor]].contains(layout) else { return }
        guard let image = BlockedImage(ConcreteType(types[id]), of: .all) else {
            throw .outOfMemory(bytes: nil)
        }
        let other: Layout = layout == .blocked ? .rowMajor : .blocked
        steps.append(
            Step(
                label: "layout of value \"\(name(id))\"", nodes: [],
                action: .kernel(LayoutConversion(image: image, isBlocking: layout == .blocked)),
                inputs: [StoredValue(id: id, layout: other)], outputs: [StoredValue(id: id, layout: layout)]))
        layouts[id, default: [.rowMajor]].insert(layout)
    }
}
