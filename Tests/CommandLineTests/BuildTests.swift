import Foundation
import Testing

@Suite struct BuildTests {
    @Test(
        "Networks and their summaries, word for word",
        arguments: [
            ("resnet18", ["--width", "8", "--input", "1x3x32x32", "--classes", "10"]),
            (
                "resnet50-mod",
                ["--width", "16", "--input", "3x64x64", "--batch", "N", "--mod-reduction", "2"]
            ),
            (
                "resnet26-mod",
                ["--width", "16", "--depths", "1,2,2", "--input", "2x1x28x28", "--bn", "folded"]
            ),
        ])
    func summary(name: String, options: [String]) throws {
        let folder = try TemporaryFolder()
        let text = try CommandLineTool.succeed(["build", name, "-o", "new.onnx"] + options, in: folder)
        try expectSnapshot(text, "build-\(name)")
        try expectSnapshot(
            try CommandLineTool.succeed(["inspect", "new.onnx"], in: folder), "build-\(name)-inspect")
    }

    @Test("A seed decides every weight")
    func seeds() throws {
        let folder = try TemporaryFolder()
        let base = ["build", "resnet18", "--width", "4", "--input", "1x3x32x32", "-q"]
        try CommandLineTool.succeed(base + ["-o", "a.onnx"], in: folder)
        try CommandLineTool.succeed(base + ["-o", "b.onnx", "--seed", "0"], in: folder)
        try CommandLineTool.succeed(base + ["-o", "c.onnx", "--seed", "1"], in: folder)
        #expect(try folder.contents("a.onnx") == folder.contents("b.onnx"))
        #expect(try folder.contents("a.onnx") != folder.contents("c.onnx"))
    }
}
