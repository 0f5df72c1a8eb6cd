import Foundation
import GraphIR
import ONNXFormat
import Operators
import Runtime
import TensorFiles
import TestSupport
import Testing

@testable import Passes

/// The optimising pipeline on every fixture. `peer-nodes.txt` holds the node counts that onnxsim and OnnxSlim
/// leave, as benchmarks/optimizers/compare.py prints them.
@Suite struct OptimizedFixtureTests {
    private static let peers: [String: Int] = {
        let path = Repository.path("Tests/PassesTests/peer-nodes.txt")
        let lines = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
        return Dictionary(
            lines.compactMap { line in
                let fields = line.split(separator: " ")
                let counts = fields.dropFirst().compactMap { Int($0) }
                return counts.min().map { (String(fields[0]), $0) }
            }, uniquingKeysWith: { first, _ in first })
    }()

    /// Fixtures that are left with more nodes than a peer leaves, and why.
    private static let exceptions = [
        "light_resnet50": "its weights are generated, and folding them passes the growth limit",
        "torchvision-functions": "functions are inlined on import; the peers count a call as a node",
    ]

    @Test("No more nodes than the better of onnxsim and OnnxSlim leaves", arguments: Fixture.all)
    func nodes(fixture: Fixture) throws {
        guard Self.exceptions[fixture.name] == nil else { return }
        let result = try Pipeline.optimize().runRecording(try fixture.model().graph, validating: true)
        #expect(result.isFixedPoint)
        #expect(result.graph.order.count <= (try #require(Self.peers[fixture.name])))
    }

    @Test(
        "Outputs are those recorded from onnxruntime",
        arguments: Fixture.all.filter { CanonicalFixtureTests.incomparable[$0.name] == nil })
    func outputs(fixture: Fixture) throws {
        let source = try fixture.model().graph
        let graph = try Pipeline.optimize().run(source)
        let data = try fixture.data()
        let outputs = try Session(graph).run(
            try data.inputs(named: graph.inputs.map { graph[$0].name }))
        let expected = try data.outputs(named: graph.outputs.map { graph[$0].name })
        let isHalf = expected.contains { $0.tensor.elementType == .float16 }
        #expect(outputs.map(\.name) == expected.map(\.name))
        for (output, reference) in zip(outputs, expected) {
            #expect(try output.tensor.relativeError(to: reference.tensor) < (isHalf ? 5e-3 : 1e-5))
        }
        let inputs = source.inputs.filter { source[$0].initializer == nil }
        #expect(graph.inputs.map { graph[$0].type } == inputs.map { source[$0].type })
        #expect(graph.outputs.map { graph[$0].type } == source.outputs.map { source[$0].type })
    }

    @Test("A second run changes nothing, and two runs write the same bytes", arguments: Fixture.all)
    func stable(fixture: Fixture) throws {
        let model = try fixture.model()
        let first = try Pipeline.optimize().run(model.graph)
        #expect(try Pipeline.optimize().runRecording(first).changes.isEmpty)
        let second = try Pipeline.optimize().run(try fixture.model().graph)
        let bytes = try [first, second].map { try ONNXFile.serialize(model.replacingGraph($0)) }
        #expect(bytes[0] == bytes[1])
    }

    @Test("Without a pass, the others still come to rest", arguments: Pipeline.optimize().passes.map(\.name))
    func skipping(name: String) throws {
        let fixture = try #require(Fixture.all.first { $0.name == "keras3-opset9" })
        let pipeline = Pipeline.optimize().filtered { $0.name != name }
        #expect(pipeline.passes.count == Pipeline.optimize().passes.count - 1)
        #expect(try pipeline.runRecording(try fixture.model().graph, validating: true).isFixedPoint)
    }
}
