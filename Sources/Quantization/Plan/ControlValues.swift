import GraphIR

/// The values that decide something about maps: selectors, gates, indices. They are few numbers, and stay in float.
///
///     map -> GlobalAveragePool -> Conv -> Relu -> Conv -> Sigmoid -> TopK -> Gather(map, ...)
///                                 \_______________ control _______________/
struct ControlValues {
    private let control: Set<ValueID>

    /// O(nodes + edges).
    init(_ graph: Graph) {
        var control: Set<ValueID> = []
        for node in graph.nodes.reversed() {
            let readsMap = node.inputs.contains { $0.map { graph.isMap($0) } ?? false }
            let decides = node.outputs.contains { output in output.map(control.contains) ?? false }
            for case let input? in node.inputs where graph[input].constant == nil && !graph.isMap(input) {
                if readsMap || decides { control.insert(input) }
            }
        }
        self.control = control
    }

    /// Whether the value decides something about maps.
    func contains(_ value: ValueID) -> Bool { control.contains(value) }
}

extension Graph {
    /// Whether a value has more than one pixel for each channel: a float activation of rank 3 or more whose extents
    /// after the second are not all 1.
    func isMap(_ value: ValueID) -> Bool {
        guard isFloatActivation(value), let dims = self[value].shape?.dims, dims.count > 2 else {
            return false
        }
        return dims[2...].contains { $0.value != 1 }
    }

    /// Whether a value depends on the input and holds float32 numbers.
    func isFloatActivation(_ value: ValueID) -> Bool {
        self[value].constant == nil && self[value].tensorType?.elementType == .float32
    }
}
