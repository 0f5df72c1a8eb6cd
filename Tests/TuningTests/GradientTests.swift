import GraphIR
import Operators
import Runtime
import Testing

@testable import Tuning

/// Every gradient, next to central differences of the program's own output, and every forward pass next to the runtime.
@Suite struct GradientTests {
    /// A graph around one operator:
    ///
    ///     x -> Conv (tuned) -> the operator -> y
    ///
    /// so that the operator's gradient by its operand shows in that of the convolution before it.
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var channels = 4
        var extents = [6, 5]
        var opset = 17
        let build: @Sendable (inout SmallGraph, ValueID) throws -> ValueID

        var testDescription: String { name }
    }

    private static func unary(_ type: String, _ attributes: Attributes = [:], opset: Int = 17) -> Case {
        Case(name: "\(type) \(attributes.entries.map(\.name).joined(separator: " "))", opset: opset) {
            try $0.add(type, [$1], attributes)
        }
    }

    static let functions: [Case] = [
        unary("Relu"), unary("LeakyRelu", ["alpha": .float(0.2)]), unary("Sigmoid"), unary("HardSigmoid"),
        unary("HardSwish"), unary("Tanh"), unary("Erf"), unary("Softplus"),
        unary("Elu", ["alpha": .float(1.5)]),
        unary("Gelu", opset: 20), unary("Gelu", ["approximate": .string("tanh")], opset: 20),
        unary("Identity"),
        unary("Clip", ["min": .float(-0.5), "max": .float(0.6)], opset: 9),
        Case(name: "Clip with inputs") {
            try $0.add("Clip", [$1, $0.constant([], [-0.4]), $0.constant([], [0.7])])
        },
        Case(name: "PRelu") { try $0.add("PRelu", [$1, $0.constant([4, 1, 1], [0.1, 0.5, -0.2, 0.3])]) },
        Case(name: "SiLU") { try $0.add("Mul", [$1, $0.add("Sigmoid", [$1])]) },
        Case(name: "Pow, cubed") { try $0.add("Pow", [$1, $0.constant([], [3])]) },
        Case(name: "Add a constant by channel") {
            try $0.add("Add", [$1, $0.constant([4, 1, 1], [1, 2, 3, 4])])
        },
        Case(name: "Sub from a constant") { try $0.add("Sub", [$0.constant([1], [0.5]), $1]) },
        Case(name: "Mul by a constant of all axes") {
            try $0.add("Mul", [$1, $0.constant([1, 4, 1, 1], [0.5, -2, 3, 1])])
        },
        Case(name: "Div by a value") {
            try $0.add("Div", [$1, $0.add("Add", [$0.add("Sigmoid", [$1]), $0.constant([], [0.5])])])
        },
        Case(name: "Max of two values") { try $0.add("Max", [$1, $0.add("Mul", [$1, $1])]) },
        Case(name: "Min and a constant") { try $0.add("Min", [$1, $0.constant([], [0.3])]) },
        Case(name: "Add to the input") { try $0.add("Add", [$1, $0.input]) },
    ]

    static let channels: [Case] = [
        Case(name: "GlobalAveragePool and a gate") {
            try $0.add("Mul", [$1, $0.add("Sigmoid", [$0.add("GlobalAveragePool", [$1])])])
        },
        Case(name: "ReduceMean") {
            try $0.add("Add", [$1, $0.add("ReduceMean", [$1], ["axes": .ints([2, 3])])])
        },
        Case(name: "ReduceMean, axes as input", opset: 18) {
            try $0.add("Add", [$1, $0.add("ReduceMean", [$1, $0.integers([-1, 2])])])
        },
        Case(name: "BatchNormalization") {
            try $0.add(
                "BatchNormalization",
                [
                    $1, $0.constant([4], [1, 2, 0.5, -1]), $0.constant([4], [0, 1, 2, 3]),
                    $0.constant([4], [0.1, 0.2, 0.3, 0.4]), $0.constant([4], [1, 2, 3, 0.5]),
                ])
        },
        Case(name: "AveragePool", extents: [7, 6]) {
            try $0.add(
                "AveragePool", [$1],
                ["kernel_shape": .ints([3, 2]), "strides": .ints([2, 1]), "pads": .ints([1, 0, 1, 1])])
        },
        Case(name: "AveragePool with padding") {
            try $0.add(
                "AveragePool", [$1],
                ["kernel_shape": .ints([3, 3]), "pads": .ints([1, 1, 1, 1]), "count_include_pad": .int(1)])
        },
        Case(name: "MaxPool", extents: [7, 7]) {
            try $0.add(
                "MaxPool", [$1],
                ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2]), "pads": .ints([1, 1, 1, 1])])
        },
    ]

    private static func conv(
        _ name: String, _ outputs: Int, kernel: [Int] = [3, 3], groups: Int = 1, strides: [Int64] = [1, 1],
        dilations: [Int64] = [1, 1], pads: [Int64] = [1, 1, 1, 1], bias: Bool = true, extents: [Int] = [6, 5]
    ) -> Case {
        Case(name: name, extents: extents) {
            try $0.convolution(
                $1, inputs: 4, outputs: outputs, kernel: kernel, bias: bias,
                [
                    "group": .int(Int64(groups)), "strides": .ints(strides), "dilations": .ints(dilations),
                    "pads": .ints(pads),
                ], groups: groups)
        }
    }

    static let convolutions: [Case] = [
        conv("pointwise", 6, kernel: [1, 1], pads: [0, 0, 0, 0]),
        conv("pointwise, stride 2", 6, kernel: [1, 1], strides: [2, 2], pads: [0, 0, 0, 0]),
        conv("3x3", 5), conv("3x3 without bias", 5, bias: false), conv("3x3, stride 2", 5, strides: [2, 2]),
        conv("3x3, strides 2 and 3", 5, strides: [2, 3], extents: [9, 11]),
        conv("3x3, dilation 2", 5, dilations: [2, 2], pads: [2, 2, 2, 2]),
        conv("uneven pads", 3, kernel: [2, 3], pads: [0, 2, 1, 0]),
        conv("1x5", 3, kernel: [1, 5], pads: [0, 2, 0, 2]),
        conv("more padding than map", 3, pads: [4, 4, 4, 4], extents: [2, 2]),
        conv("grouped", 6, groups: 2), conv("grouped, stride 2", 6, groups: 2, strides: [2, 2]),
        conv("depthwise", 4, groups: 4), conv("depthwise, stride 2", 4, groups: 4, strides: [2, 2]),
        conv("depthwise, dilation 2", 4, groups: 4, dilations: [2, 2], pads: [2, 2, 2, 2]),
        conv(
            "depthwise 5x5, more than the map", 4, kernel: [5, 5], groups: 4, pads: [2, 2, 2, 2],
            extents: [2, 3]),
        conv(
            "depthwise, strides 3 and 2, uneven pads", 4, kernel: [2, 4], groups: 4, strides: [3, 2],
            pads: [0, 3, 1, 1]),
        conv(
            "depthwise, taps apart by more than a stride", 4, groups: 4, strides: [2, 3], dilations: [3, 2],
            pads: [3, 2, 2, 3]),
        conv(
            "depthwise, a stride beyond the kernel", 4, kernel: [1, 2], groups: 4, strides: [2, 3],
            pads: [0, 0, 0, 0], extents: [7, 9]),
        conv("depthwise multiplier", 8, groups: 4),
        conv("many tiles", 4, extents: [70, 70]),
    ]

    @Test("Gradients are those of central differences", arguments: functions + channels + convolutions)
    func matchesDifferences(_ example: Case) throws {
        let (graph, parameters) = try SmallGraph.graph(example)
        let check = try GradientCheck(graph, parameters, images: 3)
        let (gradient, step) = try check.gradient()
        // A direction that every element takes part in, and single elements.
        var generator = SplitMix(state: 5)
        for _ in 0..<4 {
            let direction = gradient.map { _ in Float.random(in: -1...1, using: &generator) }
            let slope = zip(gradient, direction).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            let found = try check.difference(along: direction, step: step, nearest: slope)
            #expect(abs(found - slope) <= 0.01 * max(abs(slope), check.scale), "\(found), not \(slope)")
        }
        for element in stride(from: 0, to: gradient.count, by: max(1, gradient.count / 12)) {
            var direction = gradient.map { _ in Float(0) }
            direction[element] = 1
            let found = try check.difference(
                along: direction, step: step, nearest: Double(gradient[element]))
            #expect(
                abs(found - Double(gradient[element])) <= 0.01 * max(abs(found), check.scale),
                "element \(element): \(found), not \(gradient[element])")
        }
    }

    @Test("A program computes what the runtime computes", arguments: functions + channels + convolutions)
    func matchesRuntime(_ example: Case) throws {
        let (graph, parameters) = try SmallGraph.graph(example)
        let check = try GradientCheck(graph, parameters, images: 3)
        let expected = try Session(graph).run(["x": check.input])[0].tensor
        let found = try check.output()
        #expect(found.shape == expected.shape)
        let (a, b) = (try #require(found.floats), try #require(expected.floats))
        let largest = b.map(abs).max() ?? 0
        for (a, b) in zip(a, b) { #expect(abs(a - b) <= 2e-5 * max(1, largest)) }
    }

    @Test("What has no gradient is refused by name")
    func refused() throws {
        let cases: [(String, [Case])] = [
            ("Sin", [Case(name: "Sin") { try $0.add("Sin", [$1]) }]),
            ("Max", [Case(name: "Max of three") { try $0.add("Max", [$1, $1, $1]) }]),
            (
                "Add",
                [Case(name: "by row") { try $0.add("Add", [$1, $0.constant([6, 1], [1, 2, 3, 4, 5, 6])]) }]
            ),
            (
                "ReduceMean",
                [
                    Case(name: "over channels") { try $0.add("ReduceMean", [$1], ["axes": .ints([1])]) }
                ]
            ),
        ]
        for (type, examples) in cases {
            for example in examples {
                let (graph, parameters) = try SmallGraph.graph(example)
                let node = try #require(graph.nodes.first { $0.operatorType == type })
                #expect(throws: TuningError.noGradient(node: graph.label(of: node))) {
                    try Program(graph, parameters: parameters)
                }
            }
        }
    }
}
