import GraphIR
import Operators
import Runtime
import TestSupport
import Testing

@testable import Passes

/// The optimising pipeline on quantised networks: to a runtime the pattern of pairs is the program.
@Suite struct QuantizedGraphTests {
    private static func quantizations(_ graph: Graph) -> [String] {
        graph.nodes.filter {
            $0.operatorType.contains("QuantizeLinear") || $0.operatorType.contains("DequantizeLinear")
                || $0.operatorType.hasPrefix("Q")
        }
        .map { graph.label(of: $0) }.sorted()
    }

    @Test(arguments: QuantizedCase.all + QuantizedCase.networks) func keepsEveryPair(_ test: QuantizedCase)
        throws
    {
        let (source, data) = (try test.graph(), try test.data())
        let graph = try Pipeline.optimize().run(source)
        #expect(Self.quantizations(graph) == Self.quantizations(source))
        let name = source[try #require(source.requiredInputs.first)].name
        let results = try [source, graph].map { try Session($0).run([name: data.input])[0].tensor }
        #expect(results[0] == results[1])
    }
}
