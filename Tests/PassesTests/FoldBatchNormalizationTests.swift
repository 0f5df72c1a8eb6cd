import GraphIR
import TestSupport
import Testing

@testable import Passes

@Suite struct FoldBatchNormalizationTests {
    let pass = FoldBatchNormalization()

    @Test("Weights and bias follow the formula", arguments: [false, true])
    func folds(hasBias: Bool) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", ["N", 3, 5, 5])
        let w = try builder.weight("w", [2, 3, 3, 3])
        let b = hasBias ? try builder.weight("b", [2]) : nil
        let c = try builder.add("Conv", [x, w, b], "c")
        let y = try builder.batchNormalization(c, channels: 2, "y", ["epsilon": .float(0.01)])
        let before = try builder.graph(y)
        let after = try before.after(pass)

        let conv = try after.node("Conv")
        #expect(after.order.count == 1)
        #expect(conv.output(0) == y)
        #expect(after[y].name == "y")
        let weights = try #require(after.constant(conv.input(1))?.floats)
        let bias = try #require(after.constant(conv.input(2))?.floats)
        let old = try #require(before.constant(named: "w")?.floats)
        let oldBias = before.constant(named: "b")?.floats ?? [0, 0]
        let scale = try #require(before.constant(named: "y.scale")?.floats)
        let shift = try #require(before.constant(named: "y.shift")?.floats)
        let mean = try #require(before.constant(named: "y.mean")?.floats)
        let variance = try #require(before.constant(named: "y.var")?.floats)
        for channel in 0..<2 {
            let factor =
                Double(scale[channel]) / (Double(variance[channel]) + Double(Float(0.01))).squareRoot()
            for index in (channel * 27)..<((channel + 1) * 27) {
                #expect(weights[index] == Float(Double(old[index]) * factor))
            }
            let expected =
                (Double(oldBias[channel]) - Double(mean[channel])) * factor + Double(shift[channel])
            #expect(abs(Double(bias[channel]) - expected) < 1e-7)
        }
        try after.expectSameOutputs(as: before)
    }

    @Test func copiesSharedWeights() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let w = try builder.weight("w", [2, 2, 1, 1])
        let b = try builder.weight("b", [2])
        let first = try builder.batchNormalization(
            try builder.add("Conv", [x, w, b], "c1"), channels: 2, "y1")
        let second = try builder.add("Conv", [x, w, b], "y2")
        let graph = try builder.graph(first, second)
        let after = try graph.after(pass)
        #expect(after.lines == ["Conv(x, y1_weight, y1_bias) -> y1", "Conv(x, w, b) -> y2"])
        #expect(after.constant(named: "w") == graph.constant(named: "w"))
        #expect(after.constant(named: "b") == graph.constant(named: "b"))
    }

    @Test("Does nothing where the convolution's output is read elsewhere", arguments: [0, 1, 2])
    func otherReaders(kind: Int) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let c = try builder.add("Conv", [x, try builder.weight("w", [2, 2, 1, 1])], "c")
        let y = try builder.batchNormalization(c, channels: 2, "y")
        let other =
            switch kind {
            case 0: c
            case 1: try builder.add("Relu", [c], "z")
            default: try builder.capture(c, in: "z")
            }
        #expect(try pass.run(try builder.graph(y, other)) == nil)
    }

    @Test(
        "Does nothing unless the normalisation is that of inference",
        arguments: [(15, "training_mode", 1), (7, "spatial", 0), (6, "is_test", 1)])
    func otherModes(opset: Int, attribute: String, value: Int) throws {
        var builder = GraphBuilder(opset: opset)
        var attributes = Attributes()
        attributes[attribute] = .int(Int64(value))
        let x = try builder.input("x", [1, 2, 4, 4])
        let c = try builder.add("Conv", [x, try builder.weight("w", [2, 2, 1, 1])], "c")
        let y = try builder.batchNormalization(c, channels: 2, "y", attributes)
        #expect(try pass.run(try builder.graph(y)) == nil)
    }

    @Test(
        "Does nothing without constant and sound parameters", arguments: ["weights", "scale", "var", "count"])
    func unsoundParameters(which: String) throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 2, 4, 4])
        let free = try builder.input("free", [2, 2, 1, 1])
        let scale = try builder.input("s", [2])
        let w = which == "weights" ? free : try builder.weight("w", [2, 2, 1, 1])
        let c = try builder.add("Conv", [x, w], "c")
        let ones = try builder.constant("ones", Tensor([Float(1), 1]))
        let negative = try builder.constant("negative", Tensor([Float(-1), 1]))
        let three = try builder.constant("three", Tensor([Float(1), 1, 1]))
        let y = try builder.add(
            "BatchNormalization",
            [
                c, which == "scale" ? scale : ones, which == "count" ? three : ones, ones,
                which == "var" ? negative : ones,
            ], "y")
        let graph = try builder.edit.commitWithOutput(y)
        #expect(try pass.run(graph) == nil)
    }

    @Test func doesNothingWhereAWeightWouldOverflow() throws {
        var builder = GraphBuilder()
        let x = try builder.input("x", [1, 1, 4, 4])
        let w = try builder.constant("w", try Tensor(shape: [1, 1, 1, 1], [Float(1e38)]))
        let c = try builder.add("Conv", [x, w], "c")
        let big = try builder.constant("big", Tensor([Float(1e30)]))
        let one = try builder.constant("one", Tensor([Float(1)]))
        let y = try builder.add("BatchNormalization", [c, big, one, one, one], "y")
        #expect(try pass.run(try builder.graph(y)) == nil)
    }
}

extension GraphEdit {
    /// The graph with one output, without shape inference.
    func commitWithOutput(_ output: ValueID) throws -> Graph {
        var edit = self
        edit.addOutput(output)
        return try edit.commit()
    }
}
