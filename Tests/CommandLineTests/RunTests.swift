import Foundation
import TestSupport
import Testing

@Suite struct RunTests {
    @Test(
        "Outputs of real files equal those that onnxruntime gave",
        arguments: [
            "torchvision-resnet50", "keras2-resnet50v2", "mxnet19-v1-bottleneck", "caffe2-bottleneck",
            "torchvision-resnext", "timm-resnetv2-gn", "fp16-bottleneck",
        ])
    func testData(_ fixture: String) throws {
        let folder = try TemporaryFolder(fixtures: fixture)
        try CommandLineTool.succeed(
            ["run", "\(fixture).onnx", "--test-data", Fixtures.testData(fixture)], in: folder)
    }

    @Test("Outputs that differ give exit code 1 and the worst error")
    func mismatch() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let data = Fixtures.testData("torchvision-opset17") + "/test_data_set_0"
        let line = try CommandLineTool.fail(
            ["run", "torchvision-opset17.onnx", "--test-data", data, "--rtol", "0", "--atol", "1e-12", "-q"],
            1,
            in: folder)
        #expect(line.contains("output"))
    }

    @Test("Tensors go in and out as .npy, .npz and .pb", arguments: ["y.npy", "y.npz", "y.pb"])
    func formats(_ name: String) throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let input = Fixtures.testData("torchvision-opset17") + "/test_data_set_0/input_0.pb"
        try CommandLineTool.succeed(
            ["run", "torchvision-opset17.onnx", "--input", "input=\(input)", "-o", name, "-q"], in: folder)
        #expect(folder.exists(name))
    }

    @Test("What run shows of its outputs, word for word")
    func table() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let input = Fixtures.testData("torchvision-opset17") + "/test_data_set_0/input_0.pb"
        try expectSnapshot(
            try CommandLineTool.succeed(["run", "torchvision-opset17.onnx", "--input", input], in: folder),
            "run")
    }
}
