import GraphIR
import Operators
import Testing

@testable import Runtime

/// Every kernel but the convolutions against the operators' definitions, over odd shapes.
@Suite struct KernelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let type: String
        var shapes: [[Int]] = []
        /// Inputs that are not random floats, by position.
        var values: [Int: Tensor] = [:]
        /// Positions of inputs that are constants of the graph.
        var constants: Set<Int> = []
        var attributes: Attributes = [:]
        var outputs = 1
        var opset = 17
        /// The allowed largest difference, relative to the largest value.
        var tolerance: Float = 0

        var testDescription: String {
            "\(type)-\(opset) \(shapes) \(attributes.entries.map { "\($0.name): \($0.value)" })"
        }
    }

    static let elementwise: [Case] =
        ["Add", "Sub", "Mul", "Div", "Sum"].flatMap { type in
            [
                ([2, 3, 4, 5], [2, 3, 4, 5]), ([2, 3, 4, 5], [3, 1, 1]), ([3, 1, 1], [2, 3, 4, 5]),
                ([2, 3, 4, 5], []), ([1], [7]), ([4, 1, 3], [1, 5, 1]), ([2, 1, 4], [3, 1]), ([], []),
                ([1, 9, 50, 50], [1, 9, 50, 50]), ([1, 9, 50, 50], [1, 9, 1, 1]), ([5, 2], [5, 1]),
            ].map { Case(type: type, shapes: [$0, $1]) }
        }
        + ["Relu", "Sigmoid", "Exp", "Neg", "Abs", "Tanh", "HardSwish"].flatMap { type in
            [[], [7], [2, 3, 4], [1, 3, 90, 91]].map { Case(type: type, shapes: [$0], tolerance: 2e-7) }
        } + [
            Case(
                type: "Sqrt", shapes: [[4]], values: [0: Tensor([Float(0), 1, 2, 1e-30])], tolerance: 1e-7),
            Case(type: "LeakyRelu", shapes: [[3, 5]], attributes: ["alpha": .float(0.25)]),
            Case(type: "HardSigmoid", shapes: [[3, 5]], tolerance: 1e-7),
            Case(type: "Clip", shapes: [[40]], attributes: ["max": .float(0.25)], opset: 9),
            Case(
                type: "Clip", shapes: [[40], [], []],
                values: [1: Tensor(scalar: Float(-0.5)), 2: Tensor(scalar: Float(0.25))],
                constants: [1, 2]),
            Case(
                type: "Clip", shapes: [[5]],
                values: [0: Tensor([Float.nan, .infinity, -.infinity, -0.0, 3])],
                attributes: ["min": .float(0)], opset: 9),
            Case(type: "Relu", shapes: [[3]], values: [0: Tensor([Float.nan, -0.0, .infinity])]),
            Case(
                type: "BatchNormalization", shapes: [[2, 3, 5, 7], [3], [3], [3], [3]],
                values: [4: Tensor([Float(0.1), 2, 30])], constants: [1, 2, 3, 4], tolerance: 3e-7),
            Case(
                type: "BatchNormalization", shapes: [[4, 3], [3], [3], [3], [3]],
                values: [4: Tensor([Float(0.1), 2, 30])], constants: [1, 2, 3, 4],
                attributes: ["epsilon": .float(0.01)], tolerance: 3e-7),
            Case(type: "Softmax", shapes: [[3, 1000]], tolerance: 1e-6),
            Case(type: "Softmax", shapes: [[2, 3, 4]], opset: 11, tolerance: 1e-6),
        ]

    static let matrices: [Case] = [
        Case(type: "MatMul", shapes: [[3, 7], [7, 5]], tolerance: 1e-6),
        Case(type: "MatMul", shapes: [[2, 3, 4, 5], [2, 3, 5, 6]], tolerance: 1e-6),
        Case(type: "MatMul", shapes: [[2, 3, 4], [4, 5]], tolerance: 1e-6),
        Case(
            type: "Gemm", shapes: [[3, 2048], [1000, 2048], [1000]], constants: [1, 2],
            attributes: ["transB": .int(1)], tolerance: 2e-6),
        Case(
            type: "Gemm", shapes: [[7, 3], [7, 40], [3, 1]],
            attributes: ["transA": .int(1), "alpha": .float(0.5), "beta": .float(-2)], tolerance: 1e-6),
        Case(type: "Gemm", shapes: [[1, 9], [9, 33], []], tolerance: 1e-6),
        Case(type: "Gemm", shapes: [[4, 9], [9, 6], [4, 6]], tolerance: 1e-6),
    ]

    static let pooling: [Case] =
        ["MaxPool", "AveragePool"].flatMap { type in
            [
                ["kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]],
                ["kernel_shape": [2, 3], "strides": [3, 1], "pads": [0, 1, 1, 0]],
                ["kernel_shape": [1, 1]], ["kernel_shape": [9, 11]],
                ["kernel_shape": [3, 3], "pads": [2, 2, 2, 2]],
            ].map { (lists: [String: [Int64]]) in
                var attributes = Attributes()
                for name in lists.keys.sorted() { attributes[name] = lists[name].map(Attribute.ints) }
                return Case(
                    type: type, shapes: [[2, 3, 9, 11]], attributes: attributes,
                    tolerance: type == "MaxPool" ? 0 : 1e-6)
            }
        } + [
            Case(
                type: "MaxPool", shapes: [[1, 2, 8, 8]],
                attributes: [
                    "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "ceil_mode": .int(1),
                ]),
            Case(
                type: "MaxPool", shapes: [[1, 2, 9, 8]],
                attributes: ["kernel_shape": .ints([2, 2]), "dilations": .ints([3, 2])]),
            Case(
                type: "MaxPool", shapes: [[1, 1, 2, 3]],
                values: [0: Self.tensor([1, 1, 2, 3], [.nan, 1, 2, 3, -.infinity, 4])],
                attributes: ["kernel_shape": .ints([2, 2])]),
            Case(
                type: "MaxPool", shapes: [[2, 3, 17]],
                attributes: ["kernel_shape": .ints([3]), "auto_pad": .string("SAME_UPPER")]),
            Case(
                type: "AveragePool", shapes: [[1, 2, 8, 7]],
                attributes: [
                    "kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "ceil_mode": .int(1),
                    "pads": .ints([1, 1, 1, 1]), "count_include_pad": .int(1),
                ], tolerance: 1e-6),
            Case(type: "GlobalAveragePool", shapes: [[2, 5, 7, 7]], tolerance: 1e-6),
            Case(type: "GlobalAveragePool", shapes: [[1, 3, 50, 61]], tolerance: 3e-6),
            Case(
                type: "ReduceMean", shapes: [[2, 5, 4, 7]], attributes: ["axes": .ints([-1, 2])],
                tolerance: 1e-6),
            Case(
                type: "ReduceMean", shapes: [[2, 5, 4]],
                attributes: ["axes": .ints([2]), "keepdims": .int(0)], tolerance: 1e-6),
        ]

    static let movement: [Case] = [
        Case(type: "Concat", shapes: [[2, 3, 4], [2, 1, 4], [2, 5, 4]], attributes: ["axis": .int(1)]),
        Case(type: "Concat", shapes: [[2, 3]], attributes: ["axis": .int(-1)]),
        Case(
            type: "Concat", shapes: [[2], [3]],
            values: [0: Tensor([Int64(1), 2]), 1: Tensor([Int64(3), 4, 5])],
            attributes: ["axis": .int(0)]),
        Case(type: "Split", shapes: [[2, 6, 3]], attributes: ["axis": .int(1)], outputs: 3),
        Case(
            type: "Split", shapes: [[2, 6, 3], [2]], values: [1: Tensor([Int64(1), 5])], constants: [1],
            attributes: ["axis": .int(1)], outputs: 2),
        Case(
            type: "Slice", shapes: [[3, 8, 5], [2], [2], [2], [2]],
            values: [
                1: Tensor([Int64(6), 1]), 2: Tensor([Int64(0), 3]), 3: Tensor([Int64(1), 2]),
                4: Tensor([Int64(-2), 1]),
            ], constants: [1, 2, 3, 4]),
        Case(
            type: "Slice", shapes: [[1, 64, 9, 9], [1], [1], [1]],
            values: [1: Tensor([Int64(8)]), 2: Tensor([Int64.max]), 3: Tensor([Int64(1)])],
            constants: [1, 2, 3]),
        Case(type: "Transpose", shapes: [[2, 3, 4, 5]], attributes: ["perm": .ints([0, 3, 1, 2])]),
        Case(type: "Transpose", shapes: [[2, 3, 4, 5]], attributes: ["perm": .ints([2, 0, 1, 3])]),
        Case(type: "Transpose", shapes: [[130, 140]]),
        Case(
            type: "Transpose", shapes: [[2, 2]], values: [0: Self.doubles([2, 2], [1, 2, 3, 4])]),
        Case(
            type: "Expand", shapes: [[3, 1], [3]], values: [1: Tensor([Int64(2), 3, 4])], constants: [1]),
        Case(
            type: "Gather", shapes: [[4, 5, 6], [3]], values: [1: Tensor([Int64(4), -5, 2])],
            attributes: ["axis": .int(1)]),
        Case(
            type: "Gather", shapes: [[4, 2], [2, 1]], values: [1: Self.integers([2, 1], [3, -1])]),
        Case(
            type: "GatherND", shapes: [[2, 5, 3], [2, 4, 1]],
            values: [1: Self.integers([2, 4, 1], [4, 0, -1, 2, 1, 1, 0, 3])],
            attributes: ["batch_dims": .int(1)]),
        Case(
            type: "GatherND", shapes: [[3, 4, 2], [2, 2]],
            values: [1: Self.integers([2, 2], [2, 3, 0, -4])]),
        Case(
            type: "TopK", shapes: [[3, 40], [1]], values: [1: Tensor([Int64(7)])], constants: [1],
            attributes: ["axis": .int(-1)], outputs: 2),
        Case(
            type: "TopK", shapes: [[2, 5], [1]],
            values: [
                0: Self.tensor([2, 5], [0, -0.0, 0, 1, -1, .nan, 2, -.infinity, .infinity, 2]),
                1: Tensor([Int64(5)]),
            ], constants: [1], attributes: ["largest": .int(0)], outputs: 2),
        Case(
            type: "TopK", shapes: [[2, 5], [1]],
            values: [
                0: Self.tensor([2, 5], [0, -0.0, 0, 1, -1, .nan, 2, -.infinity, .infinity, 2]),
                1: Tensor([Int64(5)]),
            ], constants: [1], outputs: 2),
    ]

    /// Many equals, so that the lower index has to decide.
    static let ties: [Case] = [1, 100, 300, 599, 600].flatMap { k in
        [0, 1].map { largest in
            Case(
                type: "TopK", shapes: [[2, 600], [1]],
                values: [
                    0: tensor([2, 600], (0..<1200).map { Float($0 * 7919 % 37 - 18) * 0.75 }),
                    1: Tensor([Int64(k)]),
                ], constants: [1], attributes: ["largest": .int(largest)], outputs: 2)
        }
    }

    static func tensor(_ shape: [Int], _ elements: [Float]) -> Tensor {
        Tensor(elements).reshaped(to: shape) ?? Tensor(elements)
    }

    static func doubles(_ shape: [Int], _ elements: [Double]) -> Tensor {
        Tensor(elements).reshaped(to: shape) ?? Tensor(elements)
    }

    static func integers(_ shape: [Int], _ elements: [Int64]) -> Tensor {
        Tensor(elements).reshaped(to: shape) ?? Tensor(elements)
    }

    @Test(arguments: elementwise + matrices + pooling + movement + ties)
    func agreesWithDefinition(_ test: Case) throws {
        var numbers = SeededNumbers(seed: 11)
        var inputs: [Tensor] = []
        for (position, shape) in test.shapes.enumerated() {
            inputs.append(try test.values[position] ?? numbers.tensor(shape, in: -3...3))
        }
        let (graph, fed) = try TestGraph.single(
            test.type, inputs, constants: test.constants, outputs: test.outputs, opset: test.opset,
            test.attributes)
        let expected = try ReferenceEvaluator.run(graph, inputs: fed)
        let results = try [1, 2, 3].map { threads in
            try Session(graph, options: SessionOptions(threads: threads)).run(fed).map(\.tensor)
        }
        #expect(results[0].map(\.bits) == results[1].map(\.bits))
        #expect(results[0].map(\.bits) == results[2].map(\.bits))
        for (found, wanted) in zip(results[0], expected.map(\.tensor)) {
            if wanted.elementType == .float32 {
                #expect(try #require(found.relativeError(to: wanted)) <= test.tolerance)
            } else {
                #expect(found == wanted)
            }
        }
        #expect(try graph.runsInKernels(fed))
    }

    @Test(arguments: [("Gather", Int64(5)), ("Gather", -6), ("GatherND", 5)])
    func indicesOutOfRangeAreRefused(type: String, index: Int64) throws {
        let (graph, inputs) = try TestGraph.single(
            type, [Self.tensor([5], [1, 2, 3, 4, 5]), Self.integers([2, 1], [0, index])])
        #expect(
            throws: RuntimeError.invalidIndex(node: "node \"node\" (\(type))", index: Int(index), extent: 5)
        ) {
            try Session(graph).run(inputs)
        }
    }
}

extension Tensor {
    /// The bytes, which unlike numbers can be compared for identity.
    var bits: [UInt8] { bytes.withUnsafeBytes { Array($0) } }
}

extension Graph {
    func plan(_ inputs: [String: Tensor]) throws -> Plan {
        var weights = WeightCache()
        let types = try InputBinding(self, inputs).types
        let settings = EngineSettings(instructionSet: try .preferred(), threads: 2, isExact: false)
        return try Plan(self, inputs: types, results: outputs, settings: settings, weights: &weights)
    }

    /// Whether no step of the graph's plan falls back on a reference evaluation.
    func runsInKernels(_ inputs: [String: Tensor]) throws -> Bool {
        try plan(inputs).steps.allSatisfy {
            if case .kernel = $0.action { true } else { false }
        }
    }
}
