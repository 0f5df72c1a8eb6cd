import Foundation
import Testing

@Suite struct ErrorTests {
    @Test("Every error is one line with its exit code, word for word")
    func lines() throws {
        let folder = try TemporaryFolder(
            fixtures: "torchvision-opset17", "qdq-int8-bottleneck", "ort-extended-bottleneck", "timm-seresnet"
        )
        try CommandLineTool.succeed(
            ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        try folder.write(Data("no model".utf8), "text.onnx")
        try folder.write(Data(), "empty.onnx")
        try folder.write(folder.contents("mod.onnx").prefix(2000), "cut.onnx")
        try folder.write(Data("\u{93}NUMPY".utf8), "cut.npy")
        let cases: [(Int32, [String])] = [
            (64, ["torchvision-opset17.onnx"]),
            (64, ["torchvision-opset17.onnx", "--mod-ratio", "0", "--recipe", "paper"]),
            (64, ["torchvision-opset17.onnx", "--mod-ratio", "1.5", "--recipe", "paper"]),
            (
                64,
                [
                    "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--mod-reduction",
                    "2",
                ]
            ),
            (64, ["torchvision-opset17.onnx", "--mod-reduction", "0", "--recipe", "paper"]),
            (
                64,
                [
                    "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--blocks",
                    "layer9.1",
                ]
            ),
            (
                64,
                [
                    "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--blocks",
                    "layer3.0",
                ]
            ),
            (
                64,
                [
                    "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o",
                    "torchvision-opset17.onnx",
                ]
            ),
            (
                64,
                [
                    "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--json",
                    "torchvision-opset17.onnx",
                ]
            ),
            (64, ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "--frobnicate"]),
            (64, ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "-q", "-v"]),
            (64, ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "--threads", "0"]),
            (64, ["build", "resnet51", "-o", "new.onnx"]),
            (64, ["build", "resnet50", "--mod-reduction", "4", "-o", "new.onnx"]),
            (64, ["build", "resnet18", "--input", "224", "-o", "new.onnx"]),
            (64, ["run", "torchvision-opset17.onnx"]),
            (65, ["mod.onnx", "--mod-ratio", "0.5"]),
            (65, ["qdq-int8-bottleneck.onnx", "--mod-ratio", "0.5", "--recipe", "paper"]),
            (65, ["ort-extended-bottleneck.onnx", "--mod-ratio", "0.5", "--recipe", "paper"]),
            (65, ["timm-seresnet.onnx", "--mod-ratio", "0.5", "--recipe", "paper"]),
            (65, ["text.onnx", "--mod-ratio", "0.5", "--recipe", "paper"]),
            (65, ["empty.onnx", "--mod-ratio", "0.5", "--recipe", "paper"]),
            (65, ["macs", "cut.onnx"]),
            (65, ["run", "torchvision-opset17.onnx", "--input", "cut.npy"]),
            (66, ["missing.onnx", "--mod-ratio", "0.5", "--recipe", "paper"]),
            (66, ["verify", "torchvision-opset17.onnx", "missing.onnx"]),
            (66, ["run", "torchvision-opset17.onnx", "--test-data", "missing"]),
            (66, ["run", "torchvision-opset17.onnx", "--input", "missing.npy"]),
            (73, ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "-o", "missing/out.onnx"]),
            (73, ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "-o", "mod.onnx"]),
            (73, ["build", "resnet18", "-o", "mod.onnx"]),
        ]
        let before = folder.names
        let lines = try cases.map { status, arguments in
            let line = try CommandLineTool.fail(arguments, status, in: folder)
            return "\(arguments.joined(separator: " "))\n  \(status): \(line)"
        }
        try expectSnapshot(lines.joined(), "errors")
        #expect(folder.names == before, "no command that fails leaves a file")
    }

    @Test("Writing that fails is told, and leaves nothing")
    func fullDisk() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let line = try CommandLineTool.fail(
            ["macs", "torchvision-opset17.onnx", "-q", "--json", "/dev/full/x.json"], 73, in: folder)
        #expect(line.contains("/dev/full/x.json"))
    }
}
