import Foundation
import TestSupport
import Testing

@Suite struct OptimizeTests {
    @Test(
        "Tables of what was saved and by which pass, word for word",
        arguments: ["keras3-batch1", "caffe2-bottleneck"])
    func table(name: String) throws {
        let folder = try TemporaryFolder(fixtures: name)
        let text = try CommandLineTool.succeed(["optimize", "\(name).onnx", "-o", "out.onnx"], in: folder)
        try expectSnapshot(text.maskingMeasurements, "optimize-\(name)")
        #expect(folder.exists("out.onnx"))
    }

    @Test("The result runs, gives the recorded outputs, and another run finds nothing")
    func result() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18-bn")
        try CommandLineTool.succeed(
            ["optimize", "torchvision-resnet18-bn.onnx", "--check", "2", "-q"], in: folder)
        let optimized = "torchvision-resnet18-bn.optimized.onnx"
        try CommandLineTool.succeed(
            ["run", optimized, "--test-data", Fixtures.testData("torchvision-resnet18-bn"), "-q"], in: folder)
        let again = try CommandLineTool.succeed(["optimize", optimized, "-o", "again.onnx"], in: folder)
        #expect(again.contains("No pass found anything to do."))
        #expect(try folder.contents(optimized) == folder.contents("again.onnx"))
    }

    @Test("The passes are listed in order; --skip and --only choose among them")
    func passes() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18-bn")
        try expectSnapshot(
            try CommandLineTool.succeed(["optimize", "--list-passes"], in: folder), "optimize-passes")
        let base = ["optimize", "torchvision-resnet18-bn.onnx", "--force", "-o", "out.onnx"]
        let skipped = try CommandLineTool.succeed(base + ["--skip", "fold-batch-normalization"], in: folder)
        #expect(skipped.contains(#/BatchNormalization +20 +20/#))
        let only = try CommandLineTool.succeed(base + ["--only", "fold-batch-normalization"], in: folder)
        #expect(only.contains(#/BatchNormalization +20 +0/#))
    }

    @Test("Open extents stay open unless they are fixed, which is told")
    func shapes() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-symbolic-size")
        let base = ["optimize", "torchvision-symbolic-size.onnx", "-o", "out.onnx"]
        let chosen = try CommandLineTool.succeed(base, in: folder)
        #expect(chosen.contains("1 seeded input of shape input=2x3x224x224, seed 0"))
        let given = try CommandLineTool.succeed(
            base + ["--force", "--check-shape", "Nx3x64x48"], in: folder)
        #expect(given.contains("1 seeded input of shape input=2x3x64x48, seed 0"))
        let line = try CommandLineTool.fail(base + ["--force", "--check-shape", "1x3x64"], 64, in: folder)
        #expect(line.contains("--check-shape 1x3x64: input \"input\" is declared Nx3xHxW"))
        #expect(
            try CommandLineTool.succeed(["inspect", "out.onnx"], in: folder).contains("input: float[Nx3xHxW]")
        )
        let text = try CommandLineTool.succeed(
            base + ["--force", "--input-shape", "1x3x32x32"], in: folder)
        #expect(text.unwrapped.contains("input \"input\" is fixed: float[Nx3xHxW] becomes float[1x3x32x32]"))
    }

    @Test("A check that fails writes nothing")
    func failingCheck() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18-bn")
        let line = try CommandLineTool.fail(
            ["optimize", "torchvision-resnet18-bn.onnx", "-o", "out.onnx", "--tolerance", "0"], 1, in: folder)
        #expect(line.contains("nothing is written"))
        #expect(!folder.exists("out.onnx"))
    }

    @Test("Generated weights stay generated where they would make the file grow")
    func growthLimit() throws {
        let folder = try TemporaryFolder(fixtures: "light_resnet50")
        let text = try CommandLineTool.succeed(
            [
                "optimize", "light_resnet50.onnx", "-o", "out.onnx", "--check", "0", "--growth-limit",
                "100000",
            ], in: folder)
        #expect(text.unwrapped.contains("--growth-limit"))
        #expect(try folder.contents("out.onnx").count < 20_000_000)
    }

    @Test("Wrong usage is one line, word for word")
    func errors() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        let cases: [(Int32, [String])] = [
            (64, ["optimize"]),
            (64, ["optimize", "cifar-option-b.onnx", "--skip", "no-such-pass"]),
            (64, ["optimize", "cifar-option-b.onnx", "--skip", "fold-pad", "--only", "fold-pad"]),
            (64, ["optimize", "cifar-option-b.onnx", "--check", "-1"]),
            (64, ["optimize", "cifar-option-b.onnx", "-o", "cifar-option-b.onnx"]),
            (64, ["optimize", "cifar-option-b.onnx", "--input-shape", "1x3x8"]),
            (64, ["compare", "cifar-option-b.onnx"]),
            (64, ["compare", "cifar-option-b.onnx", "cifar-option-b.onnx", "--reference", "x.npz"]),
            (64, ["diff", "cifar-option-b.onnx"]),
            (66, ["diff", "cifar-option-b.onnx", "missing.onnx"]),
            (66, ["compare", "cifar-option-b.onnx", "--reference", "missing.npz"]),
            (66, ["optimize", "missing.onnx"]),
        ]
        let lines = try cases.map { status, arguments in
            "\(arguments.joined(separator: " "))\n  \(status): "
                + (try CommandLineTool.fail(arguments, status, in: folder))
        }
        try expectSnapshot(lines.joined(), "optimize-errors")
        #expect(folder.names == ["cifar-option-b.onnx"])
    }
}
