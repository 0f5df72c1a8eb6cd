import GraphIR
import Operators
import TestSupport
import Testing

/// Attributes that ONNX allows in files and runtimes read differently, or not at all: refused with the
/// reason.
@Suite struct CornerTests {
    struct Case: Sendable, CustomStringConvertible {
        let type: String
        let attributes: KeyValuePairs<String, Attribute>
        /// The shapes of the inputs.
        let inputs: [[Int]]
        /// A part of the error; nil if the node is allowed.
        let problem: String?

        var description: String { "\(type) \(attributes)" }
    }

    private static let image = [1, 2, 5, 5]
    private static let filters = [2, 2, 3, 3]

    private static let values: [(String, String, Int64)] = [
        ("MaxPool", "ceil_mode", 7), ("AveragePool", "count_include_pad", 5), ("LpPool", "ceil_mode", -1),
        ("MaxPool", "storage_order", 2), ("ReduceMax", "keepdims", 2), ("ArgMax", "keepdims", -1),
        ("ArgMax", "select_last_index", 3), ("Trilu", "upper", 2), ("Reshape", "allowzero", 2),
        ("Gemm", "transA", 3), ("Gemm", "transB", -1), ("Resize", "exclude_outside", 2),
        ("Resize", "antialias", 2), ("TopK", "largest", 2), ("TopK", "sorted", 2), ("CumSum", "reverse", 2),
        ("CumSum", "exclusive", 2), ("BatchNormalization", "training_mode", 2), ("Unique", "sorted", 2),
        ("GridSample", "align_corners", 2), ("LSTM", "layout", 2), ("GRU", "linear_before_reset", 2),
    ]

    private static let flags: [Case] = values.map { type, name, value in
        var attributes: KeyValuePairs<String, Attribute> = [name: .int(value)]
        if type.hasSuffix("Pool") { attributes = [name: .int(value), "kernel_shape": .ints([2, 2])] }
        let count = ["LSTM", "GRU"].contains(type) ? 3 : type == "BatchNormalization" ? 5 : 2
        let inputs = ["MaxPool", "AveragePool", "LpPool", "ReduceMax", "ArgMax", "Trilu", "Resize", "Unique"]
        return Case(
            type: type, attributes: attributes,
            inputs: [[Int]](repeating: image, count: inputs.contains(type) ? 1 : count),
            problem: "attribute \"\(name)\" is \(value), must be 0 or 1")
    }

    private static let paddings: [Case] = ["Conv", "ConvTranspose"].flatMap { type in
        ["SAME_UPPER", "SAME_LOWER", "VALID"].flatMap { mode in
            [[1, 1, 1, 1], [0, 0, 0, 0]].map { (pads: [Int64]) in
                Case(
                    type: type, attributes: ["auto_pad": .string(mode), "pads": .ints(pads)],
                    inputs: [image, filters],
                    problem: pads[0] == 0 ? nil : "pads [1, 1, 1, 1] and auto_pad \(mode) exclude each other")
            }
        }
    }

    private static let poolings: [Case] = ["MaxPool", "AveragePool", "LpPool"].flatMap { type in
        [
            ([2, 0, 0, 0], "NOTSET"), ([0, 0, 0, 2], "NOTSET"), ([2, 2, 2, 2], "VALID"),
            ([1, 1, 1, 1], "NOTSET"),
            ([1, 0, 1, 0], "SAME_UPPER"),
        ].map { (pads: [Int64], mode: String) in
            Case(
                type: type,
                attributes: [
                    "auto_pad": .string(mode), "kernel_shape": .ints([2, 2]), "pads": .ints(pads),
                ], inputs: [image],
                problem: pads.contains(2) ? "pads \(pads) must be smaller than the kernel [2, 2]" : nil)
        }
    }

    @Test(arguments: flags + paddings + poolings) func isRefusedOnImport(_ test: Case) throws {
        var g = GraphBuilder(opset: 20)
        var inputs: [ValueID] = []
        for (position, shape) in test.inputs.enumerated() {
            inputs.append(try g.input("x\(position)", shape.map(Dim.fixed)))
        }
        let attributes = test.attributes.reduce(into: Attributes()) { $0[$1.key] = $1.value }
        let count = test.type == "TopK" ? 2 : 1
        _ = try g.edit.addNode(
            test.type, name: "n", inputs: inputs, outputs: (0..<count).map { "y\($0)" },
            attributes: attributes)
        guard let problem = test.problem else {
            _ = try g.inferred()
            return
        }
        let error = #expect(throws: OperatorError.self) { try g.inferred() }
        #expect(error?.problem == problem)
        #expect(error?.node == "node \"n\" (\(test.type))")
    }

    /// Pooling takes automatic padding in place of explicit padding, as onnxruntime does.
    @Test(arguments: [("SAME_UPPER", "1x2x3x3"), ("SAME_LOWER", "1x2x3x3"), ("VALID", "1x2x2x2")])
    func automaticPaddingTakesThePlaceOfPads(_ mode: String, _ shape: String) throws {
        var g = GraphBuilder()
        let x = try g.input("x", CornerTests.image.map(Dim.fixed))
        let y = try g.add(
            "MaxPool", [x], "y",
            [
                "auto_pad": .string(mode), "kernel_shape": .ints([2, 2]), "pads": .ints([1, 1, 1, 1]),
                "strides": .ints([2, 2]),
            ])
        #expect(try g.shape(of: y) == shape)
    }

    @Test(arguments: [
        ("Loop", "", "modconvert has no kernel for Loop", "export the model without this operator"),
        ("Loop", "ai.onnx", "modconvert has no kernel for Loop", "export the model without this operator"),
        ("Rellu", "", "ONNX has no operator Rellu", "export the model with standard ONNX operators"),
        (
            "FusedConv", "com.microsoft", "operators of domain \"com.microsoft\" are not supported",
            "export the model with standard ONNX operators"
        ),
    ])
    func unknownOperatorsAreNamed(_ name: String, _ domain: String, _ problem: String, _ remedy: String) {
        let diagnostic = UnknownOperator(domain: domain, name: name).diagnostic(place: "node \"n\"")
        #expect(diagnostic.problem == problem)
        #expect(diagnostic.remedy == remedy)
    }
}
