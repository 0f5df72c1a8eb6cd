import Foundation
import TestSupport
import Testing

@Suite struct CompareTests {
    /// Values that onnxruntime has computed; see fixtures/values/README.md.
    private let recorded = Fixtures.models.appending(path: "../values/cifar-option-b.npz").standardized.path

    @Test("Every value is that of onnxruntime")
    func reference() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        try FileManager.default.copyItem(atPath: recorded, toPath: folder.path("values.npz"))
        let base = ["compare", "cifar-option-b.onnx", "--reference", "values.npz"]
        let text = try CommandLineTool.succeed(base, in: folder)
        #expect(text.unwrapped.contains("51 of 51 values"))
        #expect(text.unwrapped.contains("no value diverges"))
        let windows = try CommandLineTool.succeed(base + ["--window", "1", "--json"], in: folder)
        #expect(windows.contains("\"diverges\" : false"))
        try CommandLineTool.succeed(
            ["optimize", "cifar-option-b.onnx", "-o", "out.onnx", "-q"], in: folder)
        try CommandLineTool.succeed(["compare", "out.onnx", "--reference", "values.npz", "-q"], in: folder)
    }

    @Test("The first value after a changed weight is found, word for word")
    func divergence() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        try CommandLineTool.succeed(
            [
                "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--blocks", "layer2.1",
                "-o", "mod.onnx",
                "-q",
            ],
            in: folder)
        let outcome = try CommandLineTool.run(
            ["compare", "torchvision-opset17.onnx", "mod.onnx"], in: folder)
        #expect(outcome.status == 1)
        try expectSnapshot((outcome.output + outcome.error).maskingDivergence, "compare-divergence")
        try CommandLineTool.succeed(
            ["compare", "mod.onnx", "mod.onnx", "-q", "--tolerance", "0"], in: folder)
    }

    @Test("Values of other names are matched by structure, inputs of other names by position")
    func names() throws {
        let folder = try TemporaryFolder(
            fixtures: "torchvision-opset17", "odd-names-bottleneck", "mxnet-v1-bottleneck")
        let text = try CommandLineTool.succeed(
            ["compare", "odd-names-bottleneck.onnx", "torchvision-opset17.onnx", "--tolerance", "0"],
            in: folder)
        #expect(text.unwrapped.contains("73 of 73 values that both have, 4 matched by structure"))
        let line = try CommandLineTool.fail(
            ["compare", "mxnet-v1-bottleneck.onnx", "torchvision-opset17.onnx", "-q"], 1, in: folder)
        #expect(line.contains("is the first that diverges"))
    }

    @Test("A recording without an input needs one")
    func missingInput() throws {
        let folder = try TemporaryFolder(fixtures: "caffe2-bottleneck")
        let line = try CommandLineTool.fail(
            ["compare", "caffe2-bottleneck.onnx", "--reference", recorded], 64, in: folder)
        #expect(line.contains("holds no tensor for input"))
    }
}

extension String {
    /// The text with all figures of differences hidden: ULP counts and cosines too.
    fileprivate var maskingDivergence: String {
        var text = maskingMeasurements
        text.replace(#/ +\d+(\.\d+)?( [kMG])?  +-?\d\.\d{6}/#, with: "  # #")
        return text
    }
}
