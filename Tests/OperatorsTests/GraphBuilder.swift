import GraphIR
import Operators

/// A graph of one node, or a chain, spelled for tests.
struct GraphBuilder {
    var edit: GraphEdit

    init(opset: Int = 17) { edit = GraphEdit(Graph(name: "test", opsets: OpsetImports(onnx: opset))) }

    mutating func input(_ name: String, _ dims: [Dim], _ type: ElementType = .float32) throws -> ValueID {
        try edit.addInput(name, type: .tensor(TensorType(type, Shape(dims))))
    }

    mutating func weights(_ name: String, _ shape: [Int]) throws -> ValueID {
        let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
        return try edit.addInitializer(name, try Tensor(shape: shape, zeros))
    }

    mutating func integers(_ name: String, _ values: [Int64]) throws -> ValueID {
        try edit.addInitializer(name, Tensor(values))
    }

    mutating func add(
        _ type: String, _ inputs: [ValueID?], _ output: String, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        try edit.add(type, inputs, output: output, attributes: attributes)
    }

    /// The graph with every value that nothing reads as an output, shapes inferred.
    func inferred() throws -> Graph {
        var edit = edit
        for value in Array(edit.graph.values) where value.useCount == 0 { edit.addOutput(value.id) }
        let graph = try edit.commit()
        try SchemaCheck.validate(graph)
        return try ShapeInference.infer(graph)
    }

    /// The inferred shape of a value, as `Nx3x224x224`.
    func shape(of value: ValueID) throws -> String {
        try inferred()[value].shape?.description ?? "?"
    }
}
