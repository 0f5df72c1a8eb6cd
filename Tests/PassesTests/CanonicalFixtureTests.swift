import GraphIR
import ONNXFormat
import Operators
import Runtime
import TensorFiles
import Testing

@testable import Passes

@Suite struct CanonicalFixtureTests {
    /// Outputs of fp16 files are recorded from fp16 arithmetic; all others are held to 1e-5.
    private func tolerance(_ graph: Graph) -> Double {
        graph.inputs.contains { graph[$0].tensorType?.elementType == .float16 } ? 5e-3 : 1e-5
    }

    /// Fixtures that cannot be compared, and why.
    static let incomparable: [String: String] = [
        "light_resnet50": "no recorded outputs",
        "ort-extended-bottleneck": "com.microsoft FusedConv",
        "qdq-int8-bottleneck": "QuantizeLinear and DequantizeLinear",
        "timm-resnetv2-gn": "InstanceNormalization",
    ]

    @Test(
        "Outputs are those recorded from onnxruntime",
        arguments: Fixture.all.filter { incomparable[$0.name] == nil }, BatchNormalizationPolicy.allCases)
    func outputs(fixture: Fixture, policy: BatchNormalizationPolicy) throws {
        let source = try fixture.model().graph
        let result = try Pipeline.canonical(batchNormalization: policy)
            .runRecording(source, validating: true)
        // An untouched graph is the importer's and the runtime's business.
        guard !result.changes.isEmpty else { return }
        let graph = result.graph
        let data = try fixture.data()
        let names = graph.inputs.map { graph[$0].name }
        let outputs = try Session(graph).run(try data.inputs(named: names))
        let expected = try data.outputs(named: graph.outputs.map { graph[$0].name })
        #expect(outputs.map(\.name) == expected.map(\.name))
        for (output, reference) in zip(outputs, expected) {
            #expect(try output.tensor.relativeError(to: reference.tensor) < tolerance(source))
        }
    }

    @Test("Graphs that cannot be run are still made canonical", arguments: incomparable.keys.sorted())
    func canonicalOnly(name: String) throws {
        let fixture = try #require(Fixture.all.first { $0.name == name })
        let result = try Pipeline.canonical().runRecording(try fixture.model().graph, validating: true)
        #expect(result.isFixedPoint)
    }

    @Test("Inputs and outputs keep name, type and order", arguments: Fixture.all)
    func signature(fixture: Fixture) throws {
        let source = try fixture.model().graph
        let graph = try Pipeline.canonical().run(source)
        let inputs = source.inputs.filter { source[$0].initializer == nil }
        #expect(graph.inputs.map { graph[$0].name } == inputs.map { source[$0].name })
        #expect(graph.inputs.map { graph[$0].type } == inputs.map { source[$0].type })
        #expect(graph.outputs.map { graph[$0].name } == source.outputs.map { source[$0].name })
        #expect(graph.outputs.map { graph[$0].type } == source.outputs.map { source[$0].type })
    }

    @Test("A second run changes nothing", arguments: Fixture.all, BatchNormalizationPolicy.allCases)
    func idempotent(fixture: Fixture, policy: BatchNormalizationPolicy) throws {
        let pipeline = Pipeline.canonical(batchNormalization: policy)
        let first = try pipeline.runRecording(try fixture.model().graph)
        #expect(first.isFixedPoint)
        #expect(try pipeline.runRecording(first.graph).changes.isEmpty)
    }

    @Test("Two runs write the same bytes", arguments: Fixture.all)
    func deterministic(fixture: Fixture) throws {
        func bytes() throws -> [UInt8] {
            var model = try fixture.model()
            model.graph = try Pipeline.canonical(batchNormalization: .folded).run(model.graph)
            return try ONNXFile.serialize(model)
        }
        #expect(try bytes() == bytes())
    }
}
