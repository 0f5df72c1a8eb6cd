import Foundation
import GraphIR
import ONNXFormat
import Operators
import TensorFiles
import Testing

@testable import Runtime

/// Models that real tools exported, against the outputs that onnxruntime recorded for them.
@Suite struct FixtureModelTests {
    static let folder =
        String(#filePath.split(separator: "/Tests/").first ?? ".") + "/fixtures/models"

    /// Models of operators that ONNX does not define, and the first node that cannot be run.
    static let refused = ["ort-extended-bottleneck": "node \"/conv1/Conv\" (FusedConv)"]

    static let models = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/test_data_set_0") }.sorted()

    @Test func thereAreModels() { #expect(FixtureModelTests.models.count > 30) }

    @Test(arguments: models, InstructionSet.supported)
    func agreesWithRecordedOutputs(name: String, instructionSet: InstructionSet) throws {
        let folder = "\(FixtureModelTests.folder)/\(name)"
        let graph = try ONNXFile.read(path: folder + "/model.onnx").graph
        if let node = FixtureModelTests.refused[name] {
            let unknown = UnknownOperator(domain: "com.microsoft", name: "FusedConv")
            #expect(throws: RuntimeError.unsupportedOperator(node: node, unknown)) { try Session(graph) }
            return
        }
        let session = try Session(graph, options: SessionOptions(threads: 2, instructionSet: instructionSet))
        for set in try TestDataSet.find(in: folder) {
            let data = try TestDataSet(path: set)
            let required = graph.inputs.map { graph[$0] }.filter { $0.initializer == nil }.map(\.name)
            let found = try session.run(try data.inputs(named: required))
            let expected = try data.outputs(named: found.map(\.name))
            for (a, b) in zip(found, expected) {
                let error = try #require(a.tensor.relativeError(to: b.tensor))
                #expect(error < (b.tensor.elementType == .float16 ? 5e-3 : 1e-4))
            }
        }
    }
}
