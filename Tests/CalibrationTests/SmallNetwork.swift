import GraphIR
import MixtureOfDepths
import Operators

/// Builds small networks with seeded weights, one layer after the other.
struct SmallNetwork {
    private var edit = GraphEdit(Graph(name: "small", opsets: OpsetImports(onnx: 17)))
    private var generator = SeededGenerator(seed: 7, stream: "small network")
    private var widths: [ValueID: Int] = [:]
    private var count = 0
    /// The network's input, [N, 3, 16, 16].
    let image: ValueID

    init() throws {
        image = try edit.addInput("image", type: SmallNetwork.imageType)
        widths[image] = 3
    }

    private static let imageType = ValueType.tensor(
        TensorType(.float32, Shape([.symbol("N"), .fixed(3), .fixed(16), .fixed(16)])))

    /// Another image.
    mutating func secondImage(_ name: String = "other") throws -> ValueID {
        let value = try edit.addInput(name, type: SmallNetwork.imageType)
        widths[value] = 3
        return value
    }

    /// An input [N, width].
    mutating func vector(_ name: String, width: Int) throws -> ValueID {
        try edit.addInput(
            name, type: .tensor(TensorType(.float32, Shape([.symbol("N"), .fixed(width)]))))
    }

    /// The same nodes that lead from one value to another, with the same constants, from a third value on.
    mutating func again(from start: ValueID, to end: ValueID, on value: ValueID) throws -> ValueID {
        var copies = [start: value]
        func copy(_ old: ValueID) throws -> ValueID {
            if let known = copies[old] { return known }
            guard let node = edit.graph.producer(of: old) else { return old }
            let inputs = try node.inputs.compactMap { try $0.map(copy) }
            let result = try add(node.operatorType, inputs, width: widths[old], node.attributes)
            copies[old] = result
            return result
        }
        return try copy(end)
    }

    /// The channels of a value.
    func width(_ value: ValueID) -> Int { widths[value] ?? 0 }

    /// A convolution that keeps the resolution unless it has a stride.
    mutating func convolution(
        _ x: ValueID, _ outputs: Int, kernel: Int = 1, stride: Int = 1, groups: Int = 1
    ) throws -> ValueID {
        let read = width(x) / groups
        let weights = try constant([outputs, read, kernel, kernel], fanIn: read * kernel * kernel)
        let bias = try constant([outputs], fanIn: 100)
        let pad = Int64(kernel / 2)
        return try add(
            "Conv", [x, weights, bias], width: outputs,
            [
                "kernel_shape": .ints([Int64(kernel), Int64(kernel)]), "pads": .ints([pad, pad, pad, pad]),
                "strides": .ints([Int64(stride), Int64(stride)]), "group": .int(Int64(groups)),
            ])
    }

    /// A node of one result with as many channels as its first input, or so many.
    mutating func add(
        _ type: String, _ inputs: [ValueID], width: Int? = nil, _ attributes: Attributes = [:]
    ) throws -> ValueID {
        count += 1
        let value = try edit.add(type, inputs, output: "\(type.lowercased())\(count)", attributes: attributes)
        widths[value] = width ?? inputs.first.flatMap { widths[$0] }
        return value
    }

    /// A constant of normally distributed numbers.
    mutating func constant(_ shape: [Int], fanIn: Int) throws -> ValueID {
        count += 1
        let deviation = (2 / Double(fanIn)).squareRoot()
        let values = generator.normal(count: shape.reduce(1, *), deviation: deviation)
        return try edit.addInitializer("constant\(count)", Tensor(shape: shape, values))
    }

    /// A constant of the same number for each channel.
    mutating func constant(_ value: Float, channels: Int) throws -> ValueID {
        count += 1
        let values = [Float](repeating: value, count: channels)
        return try edit.addInitializer("constant\(count)", Tensor(shape: [channels], values))
    }

    mutating func integers(_ values: [Int64]) throws -> ValueID {
        count += 1
        return try edit.addInitializer("constant\(count)", Tensor(values))
    }

    mutating func relu(_ x: ValueID) throws -> ValueID { try add("Relu", [x]) }

    mutating func silu(_ x: ValueID) throws -> ValueID { try add("Mul", [x, add("Sigmoid", [x])]) }

    /// Squeeze-and-excitation.
    mutating func attention(_ x: ValueID) throws -> ValueID {
        let means = try add("GlobalAveragePool", [x])
        let squeezed = try silu(try convolution(means, max(2, width(x) / 4)))
        return try add("Mul", [x, add("Sigmoid", [convolution(squeezed, width(x))])])
    }

    /// Efficient channel attention: a convolution over the channels as an axis.
    mutating func efficientAttention(_ x: ValueID) throws -> ValueID {
        let means = try add("Reshape", [add("GlobalAveragePool", [x]), integers([0, 1, Int64(width(x))])])
        let kernel = try constant([1, 1, 3], fanIn: 3)
        let mixed = try add("Conv", [means, kernel], ["kernel_shape": .ints([3]), "pads": .ints([1, 1])])
        let factors = try add("Reshape", [add("Sigmoid", [mixed]), integers([0, Int64(width(x)), 1, 1])])
        return try add("Mul", [x, factors])
    }

    mutating func sum(_ a: ValueID, _ b: ValueID) throws -> ValueID { try add("Add", [a, b]) }

    mutating func concatenation(_ parts: [ValueID]) throws -> ValueID {
        try add("Concat", parts, width: parts.map(width).reduce(0, +), ["axis": .int(1)])
    }

    mutating func upsampled(_ x: ValueID) throws -> ValueID {
        let weights = try constant([width(x), width(x), 2, 2], fanIn: width(x))
        return try add(
            "ConvTranspose", [x, weights], ["kernel_shape": .ints([2, 2]), "strides": .ints([2, 2])])
    }

    /// Scores of classes.
    mutating func scores(_ x: ValueID) throws -> ValueID {
        let flat = try add("Flatten", [add("GlobalAveragePool", [x])])
        let (weights, bias) = (try constant([5, width(x)], fanIn: width(x)), try constant([5], fanIn: 100))
        return try add("Gemm", [flat, weights, bias], width: 5, ["transB": .int(1)])
    }

    func model(_ outputs: [ValueID]) throws -> Model {
        var edit = edit
        for output in outputs { edit.addOutput(output) }
        return Model(irVersion: 8, graph: try ShapeInference.infer(try edit.commit()))
    }
}
