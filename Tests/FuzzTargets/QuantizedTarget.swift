import GraphIR
import Operators
import Runtime

/// Fuzzes the engine on bytes: a quantised graph of a few operators, as arbitrary bytes choose it.
///
/// The results must be the same on every instruction set and at any number of threads, and within one step of the
/// reference evaluation for each operator that rounds.
enum QuantizedTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) throws(FuzzTarget.Finding) {
        var source = ByteSource(bytes)
        guard let built = try? QuantizedGraph(&source) else { return }
        var limits = RunLimits()
        limits.operations = 1 << 22
        limits.memory = 64 << 20
        var expected: Tensor?
        for set in InstructionSet.supported {
            for threads in [1, 3] {
                let options = SessionOptions(threads: threads, instructionSet: set, limits: limits)
                let result = try answer {
                    try Session(built.graph, options: options).run(["x": built.input]).first?.tensor
                }
                guard let result, let tensor = result else { return }
                if let expected, expected != tensor {
                    throw FuzzTarget.Finding("\(set) with \(threads) threads computes another result")
                }
                expected = tensor
            }
        }
        let reference = try answer {
            try ReferenceEvaluator.run(built.graph, inputs: ["x": built.input]).first?.tensor
        }
        guard let expected, let reference, let reference else { return }
        guard expected.type == reference.type, let a = expected.integers, let b = reference.integers else {
            throw FuzzTarget.Finding("the result is \(expected.type), the reference's \(reference.type)")
        }
        if let worst = zip(a, b).map({ abs($0 - $1) }).max(), worst > 1 {
            throw FuzzTarget.Finding("a result differs from the reference by \(worst) steps")
        }
    }
}

/// A graph input x of bytes, dequantised, one operator, and a quantisation.
private struct QuantizedGraph {
    private(set) var graph: Graph
    let input: Tensor

    init(_ source: inout ByteSource) throws {
        var edit = GraphEdit(Graph(name: "quantised", opsets: OpsetImports(onnx: 13)))
        let isSigned = source.flag()
        let shape = [
            1 + source.index(below: 2), 1 + source.index(below: 40), 1 + source.index(below: 9),
            1 + source.index(below: 9),
        ]
        let type: ElementType = isSigned ? .int8 : .uint8
        func bytes(_ shape: [Int], _ type: ElementType) throws -> Tensor {
            var elements: [UInt8] = []
            for _ in 0..<shape.reduce(1, *) { elements.append(source.byte()) }
            return try Tensor(type, shape: shape, bytes: ByteRegion(elements))
        }
        var names = 0
        func constant(_ tensor: Tensor) throws -> ValueID {
            names += 1
            return try edit.addInitializer("constant \(names)", tensor)
        }
        func scale() throws -> ValueID {
            try constant(Tensor(scalar: Float(1 + source.index(below: 200)) / 64))
        }
        func zero(_ type: ElementType) throws -> ValueID { try constant(try bytes([], type)) }
        input = try bytes(shape, type)
        let x = try edit.addInput("x", type: .tensor(input.type))
        let value = try edit.add(
            "DequantizeLinear", [x, try scale(), try zero(type)], output: "value", attributes: [:])
        var result: ValueID
        switch source.index(below: 7) {
        case 0, 1, 2:
            let groups = source.flag() && shape[1] % 2 == 0 ? 2 : source.index(below: 4) == 0 ? shape[1] : 1
            let filters = groups * (1 + source.index(below: 20))
            let kernel = 1 + source.index(below: 4)
            let weights = try edit.addInitializer(
                "w", try bytes([filters, shape[1] / groups, kernel, kernel], .int8))
            var factors: [Float] = []
            for _ in 0..<filters { factors.append(Float(1 + source.index(below: 99)) / 512) }
            let scales = try edit.addInitializer("ws", try Tensor(shape: [filters], factors))
            let zeros = try edit.addInitializer(
                "wz", try Tensor(shape: [filters], [Int8](repeating: 0, count: filters)))
            let w = try edit.add(
                "DequantizeLinear", [weights, scales, zeros], output: "weights", attributes: ["axis": .int(0)]
            )
            let pad = Int64(source.index(below: 3))
            let stride = Int64(1 + source.index(below: 2))
            result = try edit.add(
                "Conv", [value, w], output: "sums",
                attributes: [
                    "group": .int(Int64(groups)), "pads": .ints([pad, pad, pad, pad]),
                    "strides": .ints([stride, stride]),
                ])
        case 3: result = try edit.add("Add", [value, value], output: "sums", attributes: [:])
        case 4: result = try edit.add("GlobalAveragePool", [value], output: "sums", attributes: [:])
        case 5:
            result = try edit.add(
                "AveragePool", [value], output: "sums",
                attributes: ["kernel_shape": .ints([2, 2]), "pads": .ints([1, 1, 0, 0])])
        default:
            result = try edit.add("Concat", [value, value], output: "sums", attributes: ["axis": .int(1)])
        }
        if source.flag() { result = try edit.add("Relu", [result], output: "clamped", attributes: [:]) }
        let output: ElementType = source.flag() ? .int8 : .uint8
        let y = try edit.add(
            "QuantizeLinear", [result, try scale(), try zero(output)], output: "y", attributes: [:])
        edit.addOutput(y)
        let committed = try edit.commit()
        try SchemaCheck.validate(committed)
        graph = try ShapeInference.infer(committed)
    }
}
