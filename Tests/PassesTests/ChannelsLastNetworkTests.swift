import GraphIR
import TestSupport
import Testing

@testable import Passes

/// Whole networks as the oldest Keras exporters spell them: everything channels last, with a Transpose on
/// either side of each convolution, normalisation and pool.
@Suite struct ChannelsLastNetworkTests {
    private struct Exporter {
        var builder: GraphBuilder
        private var names = 0

        init(opset: Int) { builder = GraphBuilder(opset: opset) }

        mutating func name() -> String {
            names += 1
            return "v\(names)"
        }

        mutating func add(_ type: String, _ inputs: [ValueID?], _ attributes: Attributes = [:]) throws
            -> ValueID
        {
            try builder.add(type, inputs, name(), attributes)
        }

        /// `type` on channels-first images, between two Transposes.
        mutating func wrapped(
            _ type: String, _ x: ValueID, _ parameters: [ValueID?] = [], _ attributes: Attributes = [:]
        ) throws -> ValueID {
            let image = try add("Transpose", [x], ["perm": .ints([0, 3, 1, 2])])
            let y = try add(type, [image] + parameters, attributes)
            return try add("Transpose", [y], ["perm": .ints([0, 2, 3, 1])])
        }

        mutating func conv(_ x: ValueID, _ from: Int, _ to: Int, kernel: Int, stride: Int = 1) throws
            -> ValueID
        {
            let weights = try builder.weight(name(), [kernel, kernel, from, to])
            let turned = try add("Transpose", [weights], ["perm": .ints([3, 2, 0, 1])])
            return try wrapped(
                "Conv", x, [turned, try builder.weight(name(), [to])],
                [
                    "kernel_shape": .ints([Int64(kernel), Int64(kernel)]),
                    "strides": .ints([Int64(stride), Int64(stride)]),
                    "auto_pad": .string(kernel == 1 ? "VALID" : "SAME_UPPER"),
                ])
        }

        mutating func normalised(_ x: ValueID, _ channels: Int) throws -> ValueID {
            let variance = try builder.constant(
                name(), Tensor((0..<channels).map { 0.5 + Float($0) / 8 }))
            let parameters = try (0..<3).map { _ in try builder.weight(name(), [channels]) }
            return try wrapped("BatchNormalization", x, parameters + [variance])
        }

        mutating func pad(_ x: ValueID, _ amount: Int64) throws -> ValueID {
            let pads = [0, amount, amount, 0, 0, amount, amount, 0]
            if builder.edit.graph.opsets.onnx < 11 { return try add("Pad", [x], ["pads": .ints(pads)]) }
            return try add("Pad", [x, try builder.constant(name(), Tensor(pads))])
        }

        /// A stem, two identity blocks and a head.
        mutating func network() throws -> Graph {
            var x = try builder.input("image", ["N", 12, 12, 3])
            x = try pad(x, 1)
            x = try add("Relu", [try normalised(try conv(x, 3, 4, kernel: 1, stride: 2), 4)])
            x = try wrapped(
                "MaxPool", try pad(x, 1), [], ["kernel_shape": .ints([3, 3]), "strides": .ints([2, 2])])
            for _ in 0..<2 {
                var y = try add("Relu", [try normalised(try conv(x, 4, 2, kernel: 1), 2)])
                y = try add("Relu", [try normalised(try conv(y, 2, 2, kernel: 3), 2)])
                y = try normalised(try conv(y, 2, 4, kernel: 1), 4)
                x = try add("Relu", [try add("Add", [y, x])])
            }
            x = try wrapped("GlobalAveragePool", x)
            x = try add("Reshape", [x, try builder.constant(name(), Tensor([Int64(-1), 4]))])
            x = try add("MatMul", [x, try builder.weight(name(), [4, 3])])
            x = try builder.add("Softmax", [x], "scores", ["axis": .int(1)])
            return try builder.graph(x)
        }
    }

    @Test("One Transpose is left, at the input", arguments: [9, 13, 17])
    func network(opset: Int) throws {
        var exporter = Exporter(opset: opset)
        let before = try exporter.network()
        let result = try Pipeline.canonical(batchNormalization: .folded).runRecording(
            before, validating: true)
        #expect(result.isFixedPoint)
        #expect(
            result.graph.nodes.map(\.operatorType) == [
                "Transpose", "Conv", "Relu", "MaxPool", "Conv", "Relu", "Conv", "Relu", "Conv", "Add", "Relu",
                "Conv", "Relu", "Conv", "Relu", "Conv", "Add", "Relu", "GlobalAveragePool", "Reshape",
                "MatMul",
                "Softmax",
            ])
        try result.graph.expectSameOutputs(as: before)
        #expect(
            try Pipeline.canonical(batchNormalization: .folded).runRecording(result.graph).changes.isEmpty)
    }
}
