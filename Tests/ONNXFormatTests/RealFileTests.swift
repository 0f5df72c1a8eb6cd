import GraphIR
import Testing

@testable import ONNXFormat

@Suite("Real files")
struct RealFileTests {
    @Test("Every fixture is read, and its outputs' types are known", arguments: RealFiles.fixtures)
    func fixture(path: String) throws {
        let graph = try ONNXFile.read(path: path).graph
        #expect(!graph.nodes.isEmpty)
        for output in graph.outputs { #expect(graph[output].shape != nil) }
    }

    @Test("Every model of ONNX's test data is read, unless an unknown operator stands in one of an old opset")
    func testData() throws {
        for path in RealFiles.testData {
            do {
                _ = try ONNXFile.read(path: path)
            } catch let error as ONNXFormatError {
                #expect(error.diagnostic.problem.hasSuffix("cannot be read as opset 7"), "\(error)")
            }
        }
        #expect(RealFiles.testData.count > 1000)
    }

    @Test("A model of an opset before 7 is read as one of opset 7")
    func oldOpset() throws {
        let path = try #require(
            RealFiles.testData.first { $0.contains("pytorch-operator/test_operator_addconstant/") })
        let graph = try ONNXFile.read(path: path).graph
        #expect(graph.opsets.onnx == 7)
        #expect(graph.nodes.allSatisfy { $0.attributes["broadcast"] == nil })
    }

    @Test("A tensor's elements are the ones that its exporter's data set holds")
    func tensor() throws {
        let path = try #require(
            RealFiles.tensors.first { $0.contains("node/test_argmax_default_axis_example/") })
        let (name, tensor) = try TensorProtoFile.read(path: path)
        #expect(name == "data")
        #expect(tensor == (try Tensor(shape: [2, 2], [Float(2), 1, 3, 10])))
    }
}
