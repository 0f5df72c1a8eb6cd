import Foundation
import TestSupport
import Testing

@Suite struct VerifyTests {
    @Test("The checks with their figures, word for word")
    func table() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        try CommandLineTool.succeed(
            ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        let base = ["verify", "torchvision-opset17.onnx", "mod.onnx"]
        try expectSnapshot(
            try CommandLineTool.succeed(base + ["-v", "--samples", "2"], in: folder).maskingMeasurements,
            "verify")
        try expectSnapshot(
            try CommandLineTool.succeed(base + ["--json"], in: folder).maskingMeasurements, "verify-json")
        let input = Fixtures.testData("torchvision-opset17") + "/test_data_set_1/input_0.pb"
        try CommandLineTool.succeed(base + ["--input", input, "-q"], in: folder)
    }

    @Test("Drift is a check where an agreement is asked for")
    func agreement() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        try CommandLineTool.succeed(
            [
                "torchvision-opset17.onnx", "--mod-ratio", "1/8", "--recipe", "paper", "--blocks", "all",
                "-o", "mod.onnx", "-q",
            ],
            in: folder)
        let line = try CommandLineTool.fail(
            [
                "verify", "torchvision-opset17.onnx", "mod.onnx", "--samples", "8", "--min-agreement", "1",
                "-q",
            ], 1, in: folder)
        #expect(line.contains("check 6"))
    }

    @Test("A model that is not a conversion of the source fails, and the check is named")
    func otherModel() throws {
        let folder = try TemporaryFolder(
            fixtures: "torchvision-opset17", "torchvision-opset11", "torchvision-odd-input")
        try CommandLineTool.succeed(
            ["torchvision-opset11.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        let weights = try CommandLineTool.fail(
            ["verify", "torchvision-opset17.onnx", "mod.onnx", "-q"], 1, in: folder)
        #expect(weights.contains("check 3 failed"))
        let interface = try CommandLineTool.fail(
            ["verify", "torchvision-odd-input.onnx", "mod.onnx", "-q"], 1, in: folder)
        #expect(interface.contains("check 2 failed"))
    }
}
