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
