import Foundation
import Testing

/// What is built and converted for training is loaded, trained and exported by PyTorch.
@Suite struct TrainingTests {
    /// The MoD networks that `build` makes for training.
    static let variants: [(name: String, options: [String])] = [
        ("channels", ["--mod-ratio", "0.5"]), ("fixed", ["--mod-ratio", "0.5", "--router", "fixed"]),
        ("hidden", ["--mod-ratio", "0.5", "--route", "hidden"]),
        ("wide hidden", ["--mod-ratio", "0.25", "--route", "hidden", "--mod-width", "2"]),
    ]

    static let small = [
        "--width", "8", "--depths", "2,2", "--classes", "10", "--input", "Nx3x16x16", "-q",
    ]

    @Test("A built network passes its checks", arguments: variants)
    func verified(_ name: String, _ options: [String]) throws {
        let folder = try TemporaryFolder()
        try CommandLineTool.succeed(["build", "resnet50", "-o", "base.onnx"] + Self.small, in: folder)
        try CommandLineTool.succeed(
            ["build", "resnet50-mod", "-o", "mod.onnx"] + Self.small + options, in: folder)
        let text = try CommandLineTool.succeed(["verify", "base.onnx", "mod.onnx"], in: folder)
        #expect(text.contains("MoD blocks compute their definition: 2 blocks"))
    }

    @Test("Options that contradict each other are refused")
    func contradictions() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18")
        let build = ["build", "resnet50-mod", "-o", "x.onnx"]
        let convert = ["convert", "torchvision-resnet18.onnx", "--mod-ratio", "0.5"]
        let lines = try [
            build + ["--init", "slice"], build + ["--mod-width", "2"],
            ["build", "resnet50", "-o", "x.onnx", "--route", "hidden"],
            convert + ["--recipe", "calibrated", "--init", "he"], convert + ["--mod-width", "2"],
            convert + ["--route", "hidden", "--mod-width", "2", "--init", "slice"],
        ].map { try CommandLineTool.fail($0, 64, in: folder) }
        try expectSnapshot(lines.joined(), "training-errors")
        #expect(folder.names == ["torchvision-resnet18.onnx"])
    }

    @Test(
        "In PyTorch gradients reach every parameter, and equal finite differences",
        .enabled(if: PythonTool.missing == nil, Comment(rawValue: PythonTool.missing ?? "")),
        arguments: variants)
    func gradients(_ name: String, _ options: [String]) throws {
        let folder = try TemporaryFolder()
        try CommandLineTool.succeed(
            ["build", "resnet50-mod", "-o", "mod.onnx"] + Self.small + options, in: folder)
        let outcome = try PythonTool.run(
            [PythonTool.script("train.py"), "gradients", "mod.onnx"], in: folder.url)
        #expect(outcome.status == 0, "\(outcome.output)")
    }
}
