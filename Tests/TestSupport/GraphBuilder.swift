import GraphIR
import Operators

/// Builds the small graphs of tests: values are named, everything else follows from that.
public struct GraphBuilder {
    public var edit: GraphEdit

    /// An empty graph.
    public init(opset: Int = 17) { edit = GraphEdit(Graph(name: "test", opsets: OpsetImports(onnx: opset))) }

    public mutating func input(_ name: String, _ dims: [Dim], _ type: ElementType = .float32) throws
        -> ValueID
    {
        try edit.addInput(name, type: .tensor(TensorType(type, Shape(dims))))
    }

    /// A constant of zeros.
    public mutating func weights(_ name: String, _ shape: [Int]) throws -> ValueID {
        let zeros = [Float](repeating: 0, count: shape.reduce(1, *))
        return try edit.addInitializer(name, try Tensor(shape: shape, zeros))
    }

    public mutating func integers(_ name: String, _ values: [Int64]) throws -> ValueID {
        try edit.addInitializer(name, Tensor(values))
    }

    public mutating func add(
        _ type: String, _ inputs: [ValueID?], _ output: String, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        try edit.add(type, inputs, output: output, attributes: attributes)
    }

    /// The graph with every value that nothing reads as an output, shapes inferred.
    public func inferred() throws -> Graph {
        var edit = edit
        for value in Array(edit.graph.values) where value.useCount == 0 { edit.addOutput(value.id) }
        let graph = try edit.commit()
        try SchemaCheck.validate(graph)
        return try ShapeInference.infer(graph)
    }

    /// The inferred shape of a value, as `Nx3x224x224`.
    public func shape(of value: ValueID) throws -> String {
        try inferred()[value].shape?.description ?? "?"
    }
}
