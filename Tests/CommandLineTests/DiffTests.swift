import Testing

@Suite struct DiffTests {
    @Test("A converted model against its source, word for word")
    func converted() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        try CommandLineTool.succeed(
            [
                "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--blocks", "layer1.1",
                "-o", "mod.onnx",
                "-q",
            ],
            in: folder)
        let outcome = try CommandLineTool.run(["diff", "torchvision-opset17.onnx", "mod.onnx"], in: folder)
        #expect(outcome.status == 1)
        try expectSnapshot(outcome.output + outcome.error, "diff-converted")
        try CommandLineTool.succeed(["diff", "mod.onnx", "mod.onnx", "-q"], in: folder)
        let json = try CommandLineTool.run(
            ["diff", "torchvision-opset17.onnx", "mod.onnx", "--json"], in: folder)
        try expectSnapshot(json.output, "diff-json")
    }

    @Test("What onnxsim made of a model, and what optimize makes of it")
    func optimizers() throws {
        let folder = try TemporaryFolder(
            fixtures: "torchvision-initializers-as-inputs", "onnxsim-bottleneck")
        let source = "torchvision-initializers-as-inputs.onnx"
        let outcome = try CommandLineTool.run(["diff", source, "onnxsim-bottleneck.onnx"], in: folder)
        #expect(outcome.status == 1)
        try expectSnapshot(outcome.output + outcome.error, "diff-onnxsim")
        try CommandLineTool.succeed(
            ["optimize", source, "-o", "out.onnx", "-q", "--skip", "remove-unit-reductions"], in: folder)
        let ours = try CommandLineTool.run(
            ["diff", "onnxsim-bottleneck.onnx", "out.onnx", "--tolerance", "1e-6", "--json"], in: folder)
        #expect(ours.output.contains("\"removed\" : [\n\n  ]"))
        #expect(ours.output.contains("\"added\" : [\n\n  ]"))
    }
}
