import GraphIR
import Operators
import Runtime
import TestSupport
import Testing

@testable import Verification

/// What `verify` takes a quantised file for, and how it judges integers.
@Suite struct IntegerTests {
    private static let source = "torchvision-opset17"

    @Test(
        "A file of another quantiser passes, every integer of it checked", arguments: QuantizedCase.networks)
    func others(_ test: QuantizedCase) throws {
        let source = try Fixtures.model(Self.source)
        var converted = source
        converted.graph = try test.graph()
        let verification = try Verifier.verify(source: source, converted: converted)
        #expect(verification.passed)
        let check = try #require(verification.check(.integers))
        #expect(check.outcome == .passed)
        let layers = converted.graph.nodes.count {
            ["Conv", "Gemm", "QLinearConv", "QGemm"].contains($0.operatorType)
        }
        let values = try #require(check.figures.first { $0.name == "values" }).value
        #expect(Int(values) > layers, "\(values) values for \(layers) layers")
    }

    /// onnxruntime leaves out Relu where integers start at 0, and gives the values behind pairs names of its own.
    @Test("The float network that pairs stand for computes what the source does", arguments: ["qdq", "nncf"])
    func definition(_ name: String) throws {
        let source = try Fixtures.model(Self.source).graph
        let test = try #require(QuantizedCase.networks.first { $0.name == "networks/\(name)" })
        let quantized = try test.graph()
        let float = try FloatDefinition(source: source, isClamped: true).of(quantized)
        #expect(!float.isQuantized)
        let names = source.nodes.filter { $0.isOperator("Relu") || $0.isOperator("Conv") }.compactMap {
            node in
            node.output(0).map { source[$0].name }
        }.filter { float.value(named: $0) != nil }
        #expect(names.count > 30)
        let input = try test.data().input
        let results = try [source, float].map { try Session($0).table(["input": input], taps: names) }
        for name in names {
            let (expected, found) = (try #require(results[0][name]), try #require(results[1][name]))
            let error = try #require(Difference(found, from: expected)).relative
            #expect(error < 0.5, "\(name): \(error)")
        }
    }

    @Test("A number in the middle may be rounded either way, any other may not")
    func boundaries() {
        let scale = Tensor(scalar: Float(0.5))
        func problem(_ found: [Int8], _ expected: [Int8], _ numbers: [Float]?) -> (String?, IntegerTally) {
            var tally = IntegerTally()
            let operands: [Tensor?]? = numbers.map { [Tensor($0), scale] }
            tally.add(Tensor(found), expected: [Tensor(expected)], of: operands, at: "v")
            return (tally.problem, tally)
        }
        let same = problem([1, -2], [1, -2], [0.5, -1])
        #expect(same.0 == nil && same.1.equal == 2)
        let middle = problem([1, -2], [2, -2], [0.745, -1])
        #expect(middle.0 == nil && middle.1.atBoundary == 1 && middle.1.equal == 1)
        #expect(problem([1], [2], [0.8]).0?.contains("is 1, its definition gives 2") == true)
        #expect(problem([1], [3], [0.75]).0 != nil)
        // An operator that rounds inside.
        let inside = problem([1, 4], [2, 4], nil)
        #expect(inside.0 == nil && inside.1.inside == 1)
        #expect(problem([1], [3], nil).0 != nil)
        #expect(problem([1], [1, 2], [0.5]).0?.contains("shape") == true)
    }
}
