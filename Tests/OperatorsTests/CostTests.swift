import GraphIR
import Operators
import TestSupport
import Testing

@Suite struct CostTests {
    private func cost(_ g: GraphBuilder, _ value: ValueID) throws -> Cost? {
        let graph = try g.inferred()
        let node = try #require(graph.producer(of: value))
        return OperatorRegistry.find(node)?.cost(OperatorContext(graph: graph, node: node))
    }

    @Test func convolutionCountsTapsPerOutput() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [1, 8, 10, 10])
        let y = try g.add(
            "Conv", [x, g.weights("w", [12, 2, 3, 3])], "y", ["group": .int(4), "strides": .ints([2, 2])])
        #expect(try cost(g, y)?.macs == 12 * 4 * 4 * 2 * 3 * 3)
    }

    @Test func matrixProductsCountInnerTimesOutput() throws {
        var g = GraphBuilder()
        let a = try g.input("a", [2, 3, 4, 5])
        let y = try g.add("MatMul", [a, g.weights("b", [5, 6])], "y")
        #expect(try cost(g, y)?.macs == 2 * 3 * 4 * 5 * 6)
        let flat = try g.add("Flatten", [a], "flat")
        let z = try g.add(
            "Gemm", [flat, g.weights("w", [7, 60]), g.weights("c", [7])], "z", ["transB": .int(1)])
        #expect(try cost(g, z)?.macs == 2 * 60 * 7)
    }

    @Test func transposedConvolutionCountsTapsPerInput() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [1, 4, 5, 5])
        let y = try g.add("ConvTranspose", [x, g.weights("w", [4, 6, 3, 3])], "y")
        #expect(try cost(g, y)?.macs == 4 * 5 * 5 * 6 * 3 * 3)
    }

    @Test(
        "Einsum multiplies where it sums over an index of several inputs",
        arguments: [
            ("bij,bjk->bik", [[2, 3, 4], [2, 4, 5]], Cost(macs: 2 * 3 * 4 * 5)),
            ("...ij,kj->...ik", [[2, 3, 4], [5, 4]], Cost(macs: 2 * 3 * 4 * 5)),
            ("ij,jk,kl->il", [[2, 3], [3, 4], [4, 5]], Cost(macs: 2 * 2 * 3 * 4 * 5)),
            ("ij,ij->ij", [[2, 3], [2, 3]], Cost(elementaryOperations: 6)),
            ("ij->i", [[2, 3]], Cost(elementaryOperations: 6)),
        ] as [(String, [[Int]], Cost)])
    func einsum(_ equation: String, _ shapes: [[Int]], _ expected: Cost) throws {
        var g = GraphBuilder()
        var inputs: [ValueID?] = []
        for (position, shape) in shapes.enumerated() {
            inputs.append(try g.input("x\(position)", shape.map(Dim.fixed)))
        }
        let y = try g.add("Einsum", inputs, "y", ["equation": .string(equation)])
        #expect(try cost(g, y) == expected)
    }

    @Test func quantizedProductsCountAsTheirFloatCousins() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [1, 8, 10, 10], .uint8)
        let w = try g.input("w", [12, 2, 3, 3], .int8)
        let attributes: Attributes = ["group": .int(4), "strides": .ints([2, 2])]
        let conv = try g.add("ConvInteger", [x, w], "conv", attributes)
        #expect(try cost(g, conv)?.macs == 12 * 4 * 4 * 2 * 3 * 3)
        let scale = try g.input("scale", [])
        let (zero, signed) = (try g.input("zero", [], .uint8), try g.input("signed", [], .int8))
        let linear = try g.add(
            "QLinearConv", [x, scale, zero, w, scale, signed, scale, zero], "linear", attributes)
        #expect(try cost(g, linear)?.macs == 12 * 4 * 4 * 2 * 3 * 3)
        let a = try g.input("a", [2, 3, 4, 5], .uint8)
        let b = try g.input("b", [5, 6], .uint8)
        let product = try g.add("MatMulInteger", [a, b], "product")
        #expect(try cost(g, product)?.macs == 2 * 3 * 4 * 5 * 6)
        let quantized = try g.add(
            "QLinearMatMul", [a, scale, zero, b, scale, zero, scale, zero], "quantized")
        #expect(try cost(g, quantized)?.macs == 2 * 3 * 4 * 5 * 6)
    }

    @Test(
        "Layers between pairs multiply integers, also of bytes that were only moved since",
        arguments: QuantizedCase.networks)
    func pairsMakeIntegers(_ test: QuantizedCase) throws {
        let count = MACCount(try test.graph())
        #expect(count.totalIntegerMACs == count.total(.strict))
        #expect(count.totalIntegerMACs > 200_000)
    }

    @Test(arguments: [("LSTM", 4), ("GRU", 3), ("RNN", 1)])
    func recurrentOperatorsCountTheirProducts(_ type: String, gates: Int) throws {
        var g = GraphBuilder()
        let x = try g.input("x", [10, 2, 16])
        let y = try g.add(
            type, [x, g.weights("w", [2, gates * 8, 16]), g.weights("r", [2, gates * 8, 8])], "y",
            ["hidden_size": .int(8), "direction": .string("bidirectional")])
        #expect(try cost(g, y)?.macs == 10 * 2 * 2 * gates * 8 * (16 + 8))
        #expect(try MACCount(g.inferred()).totalParameters == 2 * gates * 8 * (16 + 8))
    }

    @Test func casesOfParametersAreCounted() throws {
        let count = MACCount(try ShapeInference.infer(try FixtureCase("lstm_params").graph))
        #expect(count.totalParameters == 4 * 8 * (16 + 8))
        #expect(count.total(.strict) == 10 * 4 * 8 * (16 + 8))
        #expect(count.uncounted.isEmpty)
    }

    @Test func symbolicBatchHasNoCost() throws {
        var g = GraphBuilder()
        let x = try g.input("x", [.symbol("N"), 4, 5, 5])
        let y = try g.add("Conv", [x, g.weights("w", [4, 4, 1, 1])], "y")
        #expect(try cost(g, y) == nil)
    }
}
