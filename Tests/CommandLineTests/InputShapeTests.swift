import Testing

@Suite struct InputShapeTests {
    @Test func symbolicSizesCanBeFixedAndVerified() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-symbolic-size")
        let source = "torchvision-symbolic-size.onnx"
        let text = try CommandLineTool.succeed(
            [
                source, "--mod-ratio", "0.5", "--recipe", "paper", "--input-shape", "input=Nx3x32x40", "-o",
                "out.onnx",
            ], in: folder)
        #expect(text.unwrapped.contains("input shape fixed to input=Nx3x32x40"))
        let facts = try CommandLineTool.succeed(["inspect", "out.onnx"], in: folder)
        #expect(facts.contains("float[Nx3x32x40]"))
        try CommandLineTool.succeed(["verify", source, "out.onnx"], in: folder)
    }

    @Test func withoutAShapeTheRemedyNamesTheOption() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-symbolic-size")
        let line = try CommandLineTool.fail(
            ["torchvision-symbolic-size.onnx", "--mod-ratio", "0.5", "--recipe", "paper"], 65, in: folder)
        #expect(line.contains("--input-shape input=SHAPE"))
        #expect(folder.names == ["torchvision-symbolic-size.onnx"])
    }

    @Test func costsFollowFromTheShape() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-symbolic-size")
        let text = try CommandLineTool.succeed(
            ["macs", "torchvision-symbolic-size.onnx", "--input-shape", "1x3x32x32"], in: folder)
        #expect(text.contains("layer1"))
    }

    @Test func aWrongShapeIsAUsageError() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-symbolic-size")
        let line = try CommandLineTool.fail(
            [
                "torchvision-symbolic-size.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--input-shape",
                "input=1x4x32x32",
            ], 64,
            in: folder)
        #expect(line.contains("which fixes 3"))
    }
}
