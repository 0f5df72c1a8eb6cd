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

    @Test("Every model of ONNX's test data is read, unless an operator is older than it is known")
    func testData() throws {
        var limits = ImportLimits()
        limits.oldestOpset = 1
        for path in RealFiles.testData {
            do {
                _ = try ONNXFile.read(path: path, limits: limits)
            } catch let error as ONNXFormatError {
                let problem = error.diagnostic.problem
                #expect(problem.contains("exists from opset 7") && problem.hasSuffix("opset 6"), "\(error)")
            }
        }
        #expect(RealFiles.testData.count > 1000)
    }

    @Test("A model of an opset before 7 is refused with the reason")
    func oldOpset() throws {
        let path = try #require(RealFiles.testData.first { $0.contains("pytorch-converted/test_Conv2d/") })
        let error = #expect(throws: ONNXFormatError.self) { try ONNXFile.read(path: path) }
        #expect(
            error?.description
                == "\(path): opset 6 is not handled, the oldest is 7; "
                + "convert the model with onnx.version_converter")
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
