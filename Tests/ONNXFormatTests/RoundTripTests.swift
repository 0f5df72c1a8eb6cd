import Foundation
import GraphIR
import Testing

@testable import ONNXFormat

@Suite("Import, export, import")
struct RoundTripTests {
    @Test(
        "A model that is written and read again is the same",
        arguments: RealFiles.fixtures + RealFiles.formatCases)
    func fixture(path: String) throws { try roundTrip(ONNXFile.read(path: path), path) }

    @Test("ONNX's test data survive, subgraphs, sequences and optional types included")
    func testData() throws {
        var count = 0
        for path in RealFiles.testData {
            guard let model = try? ONNXFile.read(path: path) else { continue }
            try roundTrip(model, path)
            count += 1
        }
        #expect(count > 1000)
    }

    private func roundTrip(_ model: Model, _ path: String) throws {
        let bytes = try ONNXFile.serialize(model)
        let again = try ONNXFile.parse(ByteRegion(bytes), folder: nil)
        // Nodes that reading has added to one of an old opset are stored last, and written where they belong.
        if !model.graph.values.contains(where: { $0.name.hasSuffix("_aligned") }) {
            #expect(again.graph == model.graph, "\(path)")
        }
        #expect(again.metadata == model.metadata)
        #expect(again.irVersion == model.irVersion)
        #expect(again.producerName == model.producerName)
        #expect(again.deviceConfigurations == model.deviceConfigurations)
        #expect(again.trainingInfo == model.trainingInfo)
        #expect(try ONNXFile.serialize(again) == bytes, "\(path)")
    }

    @Test("Tensor files survive")
    func tensors() throws {
        for path in RealFiles.tensors {
            guard let (name, tensor) = try? TensorProtoFile.read(path: path) else { continue }
            let again = try TensorProtoFile.parse(
                ByteRegion(TensorProtoFile.serialize(tensor, name: name)))
            #expect(again.name == name)
            #expect(again.tensor == tensor)
        }
    }
}
