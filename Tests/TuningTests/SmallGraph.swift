import GraphIR
import Operators
import Runtime

@testable import Tuning

/// Builds graphs with seeded weights, whose convolutions' weights and biases are tuned.
struct SmallGraph {
    private var edit: GraphEdit
    private var generator: SplitMix
    private var count = 0
    /// [N, channels, height, width]
    let input: ValueID
    private(set) var parameters: [ValueID] = []

    init(channels: Int, extents: [Int], opset: Int = 17, seed: UInt64 = 11) throws {
        generator = SplitMix(state: seed)
        edit = GraphEdit(Graph(name: "small", opsets: OpsetImports(onnx: opset)))
        let dims: [Dim] = [.symbol("N"), .fixed(channels)] + extents.map(Dim.fixed)
        input = try edit.addInput("x", type: .tensor(TensorType(.float32, Shape(dims))))
    }

    /// x -> Conv -> the example's operator.
    static func graph(_ example: GradientTests.Case) throws -> (Graph, [ValueID]) {
        var small = try SmallGraph(
            channels: example.channels, extents: example.extents, opset: example.opset)
        let first = try small.convolution(
            small.input, inputs: example.channels, outputs: example.channels, kernel: [1, 1])
        let output = try example.build(&small, first)
        return (try small.graph(output), small.parameters)
    }

    mutating func add(_ type: String, _ inputs: [ValueID], _ attributes: Attributes = [:]) throws -> ValueID {
        count += 1
        return try edit.add(type, inputs, output: "value\(count)", attributes: attributes)
    }

    mutating func constant(_ shape: [Int], _ values: [Float]) throws -> ValueID {
        count += 1
        return try edit.addInitializer("constant\(count)", Tensor(shape: shape, values))
    }

    mutating func integers(_ values: [Int64]) throws -> ValueID {
        count += 1
        return try edit.addInitializer("constant\(count)", Tensor(values))
    }

    mutating func convolution(
        _ x: ValueID, inputs: Int, outputs: Int, kernel: [Int], bias: Bool = true,
        _ attributes: Attributes = [:],
        groups: Int = 1
    ) throws -> ValueID {
        let shape = [outputs, inputs / groups] + kernel
        let scale = 1 / Float(shape[1...].reduce(1, *)).squareRoot()
        func random(_ shape: [Int]) throws -> ValueID {
            let values = (0..<shape.reduce(1, *)).map { _ in
                Float.random(in: -1...1, using: &generator) * scale
            }
            return try constant(shape, values)
        }
        var operands = [x, try random(shape)]
        if bias { operands.append(try random([outputs])) }
        parameters += operands.dropFirst()
        return try add("Conv", operands, attributes)
    }

    func graph(_ output: ValueID) throws -> Graph {
        var edit = edit
        edit.addOutput(output)
        return try ShapeInference.infer(try edit.commit())
    }
}

/// SplitMix64.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// A program with an input and a linear loss, sum c_i y_i.
struct GradientCheck {
    let input: Tensor
    private let program: Program
    private let images: Int
    private let factors: [Float]
    private let start: [Float]
    /// The size of a gradient that rounding does not hide.
    let scale: Double

    init(_ graph: Graph, _ parameters: [ValueID], images: Int) throws {
        program = try Program(graph, parameters: parameters)
        self.images = images
        let shape = program.shape(ofInput: 0)
        var generator = SplitMix(state: 3)
        func random(_ count: Int) -> [Float] {
            (0..<count).map { _ in Float.random(in: -1.5...1.5, using: &generator) }
        }
        input = try Tensor(
            shape: [images, shape.channels, shape.height, shape.width], random(images * shape.elements))
        factors = random(images * program.outputShape.elements)
        start = program.parameters.flatMap(\.start)
        scale = Double(factors.count).squareRoot() * 0.05
    }

    private func tape(_ parameters: [Float]) throws -> Tape {
        let tape = Tape(
            program, parameters: FloatBuffer(parameters), gradients: FloatBuffer(count: parameters.count),
            images: images)
        let shape = program.shape(ofInput: 0)
        let values = input.floats ?? []
        let target = program.input(0, of: tape)
        for image in 0..<images {
            for channel in 0..<shape.channels {
                for pixel in 0..<shape.pixels {
                    target[(channel * images + image) * shape.pixels + pixel] =
                        values[(image * shape.channels + channel) * shape.pixels + pixel]
                }
            }
        }
        program.forward(tape)
        return tape
    }

    /// The gradient by all parameters, and a step for differences.
    func gradient() throws -> ([Float], step: Float) {
        let tape = try tape(start)
        program.backward(tape) { slope in
            for (place, factor) in factors.enumerated() { slope[place] = factor }
        }
        return (tape.parameterGradients.elements, 5e-4)
    }

    private func loss(_ parameters: [Float]) throws -> Double {
        let tape = try tape(parameters)
        return withExtendedLifetime(tape) {
            let output = program.output(of: tape)
            return factors.enumerated().reduce(0) { $0 + Double($1.element) * Double(output[$1.offset]) }
        }
    }

    /// The slope of the loss along a direction, by differences: ahead, behind, and central, of which the one nearest to
    /// `expected` counts. Where a step ahead crosses the kink of a function, the step behind mostly does not.
    func difference(along direction: [Float], step: Float, nearest expected: Double) throws -> Double {
        let here = try loss(start)
        let ahead = (try loss(zip(start, direction).map { $0 + step * $1 }) - here) / Double(step)
        let behind = (here - (try loss(zip(start, direction).map { $0 - step * $1 }))) / Double(step)
        let found = [ahead, behind, (ahead + behind) / 2]
        return found.min { abs($0 - expected) < abs($1 - expected) } ?? .nan
    }

    /// The output as [N, C, H, W].
    func output() throws -> Tensor {
        let shape = program.outputShape
        let tape = try tape(start)
        let elements = withExtendedLifetime(tape) {
            Array(
                UnsafeBufferPointer(start: program.output(of: tape), count: images * shape.elements))
        }
        var values: [Float] = []
        for image in 0..<images {
            for channel in 0..<shape.channels {
                for pixel in 0..<shape.pixels {
                    values.append(elements[(channel * images + image) * shape.pixels + pixel])
                }
            }
        }
        return try Tensor(shape: [images, shape.channels, shape.height, shape.width], values)
    }
}
