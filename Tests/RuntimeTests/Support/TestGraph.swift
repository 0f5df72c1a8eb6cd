import GraphIR
import Operators

/// Numbers that are the same on every run: SplitMix64 (Steele, Lea and Flood, 2014).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func tensor(_ shape: [Int], in range: ClosedRange<Float> = -1...1) throws -> Tensor {
        let count = shape.reduce(1, *)
        return try Tensor(shape: shape, (0..<count).map { _ in Float.random(in: range, using: &self) })
    }
}

/// A small graph under construction.
struct TestGraph {
    var edit: GraphEdit
    private var names = 0

    init(opset: Int = 17) { edit = GraphEdit(Graph(name: "test", opsets: OpsetImports(onnx: opset))) }

    mutating func input(_ name: String, _ type: TensorType) throws -> ValueID {
        try edit.addInput(name, type: .tensor(type))
    }

    mutating func input(_ name: String, _ shape: [Int]) throws -> ValueID {
        try input(name, TensorType(.float32, shape))
    }

    mutating func constant(_ tensor: Tensor) throws -> ValueID {
        names += 1
        return try edit.addInitializer("constant\(names)", tensor)
    }

    mutating func add(
        _ type: String, _ inputs: [ValueID?], named name: String? = nil, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        names += 1
        return try edit.add(type, inputs, output: name ?? "value\(names)", attributes: attributes)
    }

    func graph(outputs: [ValueID]) throws -> Graph {
        var edit = edit
        for output in outputs { edit.addOutput(output) }
        return try edit.commit()
    }

    /// A graph of one node: `inputs` are graph inputs x0, x1, ..., apart from those at `constants`.
    static func single(
        _ type: String, _ inputs: [Tensor?], constants: Set<Int> = [], outputs: Int = 1, opset: Int = 17,
        _ attributes: Attributes = [:]
    ) throws -> (graph: Graph, inputs: [String: Tensor]) {
        var builder = TestGraph(opset: opset)
        var fed: [String: Tensor] = [:]
        var ids: [ValueID?] = []
        for (position, tensor) in inputs.enumerated() {
            guard let tensor else {
                ids.append(nil)
                continue
            }
            if constants.contains(position) {
                ids.append(try builder.constant(tensor))
            } else {
                ids.append(try builder.input("x\(position)", tensor.type))
                fed["x\(position)"] = tensor
            }
        }
        let node = try builder.edit.addNode(
            type, name: "node", inputs: ids, outputs: (0..<outputs).map { "y\($0)" }, attributes: attributes)
        let results = builder.edit.graph[node].outputs.compactMap { $0 }
        return (try builder.graph(outputs: results), fed)
    }
}

extension Tensor {
    /// The largest difference of two float tensors of one shape, relative to the largest magnitude expected;
    /// nil if type or shape differ, or if one holds NaN where the other does not.
    func relativeError(to expected: Tensor) -> Float? {
        guard type == expected.type, let found = floats, let wanted = expected.floats else { return nil }
        var (worst, scale): (Float, Float) = (0, 1e-30)
        for (a, b) in zip(found, wanted) where a != b && !(a.isNaN && b.isNaN) {
            if a.isNaN || b.isNaN || a.isInfinite || b.isInfinite { return nil }
            worst = max(worst, (a - b).magnitude)
        }
        for b in wanted where b.isFinite { scale = max(scale, b.magnitude) }
        return worst / scale
    }
}
