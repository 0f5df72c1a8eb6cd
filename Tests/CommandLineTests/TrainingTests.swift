import Foundation
import TestSupport
import Testing

/// PyTorch loads, trains and exports the networks that are built and converted for training.
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
        #expect(text.unwrapped.contains("MoD blocks compute their definition: 2 blocks"))
    }

    @Test(
        "Where BatchNormalization is folded, only the chosen hidden units are computed",
        arguments: ["literal", "fast"])
    func gathered(_ emission: String) throws {
        let folder = try TemporaryFolder()
        let options = Self.small + ["--bn", "folded"]
        try CommandLineTool.succeed(["build", "resnet50", "-o", "base.onnx"] + options, in: folder)
        try CommandLineTool.succeed(
            ["build", "resnet50-mod", "-o", "mod.onnx", "--mod-ratio", "0.25", "--route", "hidden"] + options
                + ["--mod-width", "2", "--emit", emission], in: folder)
        let text = try CommandLineTool.succeed(["verify", "base.onnx", "mod.onnx"], in: folder)
        #expect(text.unwrapped.contains("MoD blocks compute their definition: 2 blocks"))
        let costs = try CommandLineTool.succeed(["macs", "mod.onnx"], in: folder)
        #expect(costs.contains("gated hidden 4 of 16, 4 of 16"))
        let kept = try CommandLineTool.succeed(
            ["convert", "base.onnx", "-o", "x.onnx", "--mod-ratio", "0.5", "--route", "hidden"]
                + ["--recipe", "paper", "--bn", "separate", "--emit", emission], in: folder)
        #expect(kept.unwrapped.contains("are computed and multiplied by 0"))
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
            convert + ["--deepen", "3,3,3,3", "--blocks", "all"], convert + ["--blocks", "appended"],
            convert + ["--deepen", "3,3,3,3", "--init", "he"], convert + ["--deepen", "3,3,1,3"],
            convert + ["--deepen", "3,3"], convert + ["--deepen", "2,2,2,2"],
        ].map { try CommandLineTool.fail($0, 64, in: folder) }
        try expectSnapshot(lines.joined(), "training-errors")
        #expect(folder.names == ["torchvision-resnet18.onnx"])
    }

    @Test("Appended blocks leave the outputs as they are", arguments: ["keep", "separate"])
    func deepened(_ bn: String) throws {
        let folder = try TemporaryFolder()
        let source = Fixtures.trained.appending(path: "fashion-bottleneck.onnx").path
        let text = try CommandLineTool.succeed(
            [
                "convert", source, "--deepen", "4,6,3", "--mod-ratio", "0.5", "--recipe", "paper", "--bn", bn,
                "-o", "deep.onnx",
            ],
            in: folder)
        if bn == "keep" { try expectSnapshot(text.replacing(source, with: "source"), "convert-deepen") }
        #expect(text.unwrapped.contains("relative 0, argmax agrees in 1 of 1"))
        let again = try CommandLineTool.succeed(["explain", "deep.onnx", "--source", source], in: folder)
        let command = try #require(again.split(separator: "\n").first { $0.contains("--deepen") })
        #expect(command.contains("--deepen 4,6,3"))
    }

    // MARK: Coming back

    static let variantFolders = ["channels", "fixed", "hidden"]
    static let exports = ["legacy.onnx", "folded.onnx", "dynamo.onnx"]

    @Test(
        "What PyTorch exports after training is a MoD network by its structure",
        arguments: variantFolders, exports)
    func recognised(_ variant: String, _ export: String) throws {
        let folder = try TemporaryFolder()
        let data = Fixtures.training.appending(path: variant)
        let model = data.appending(path: export).path
        let costs = try CommandLineTool.succeed(["macs", model], in: folder)
        try Self.build(variant, in: folder)
        let built = try CommandLineTool.succeed(["macs", "source.onnx"], in: folder)
        // The ledger's MoD blocks, with the costs that the built network has but for its normalisations'
        // parameters.
        func blocks(_ text: String) -> [[Substring]] {
            text.split(separator: "\n").filter { $0.contains("MoD k") || $0.contains("gated") }
                .map { Array($0.split(separator: " ").dropFirst().dropLast(2)) }
        }
        #expect(blocks(costs) == blocks(built))
        #expect(blocks(costs).count == 2)
        let verification = try CommandLineTool.succeed(["verify", "source.onnx", model], in: folder)
        #expect(verification.unwrapped.contains("MoD blocks compute their definition: 2 blocks"))
        #expect(verification.unwrapped.contains("the weights were trained since"))
        try CommandLineTool.succeed(["run", model, "--test-data", data.path], in: folder)
        #expect(
            try CommandLineTool.succeed(["explain", model], in: folder).contains(
                "2 of its blocks are MoD blocks"))
        let inspection = try CommandLineTool.succeed(["inspect", model], in: folder)
        #expect(inspection.contains("no selector") == (variant == "fixed"))
    }

    @Test(
        "Trained weights come back into the file that was trained",
        arguments: variantFolders, exports + ["state.npz", "state.safetensors"])
    func imported(_ variant: String, _ file: String) throws {
        let folder = try TemporaryFolder()
        let data = Fixtures.training.appending(path: variant)
        try Self.build(variant, in: folder)
        let text = try CommandLineTool.succeed(
            ["import-weights", "source.onnx", data.appending(path: file).path, "-o", "trained.onnx"],
            in: folder)
        #expect(text.unwrapped.contains("folded there") == ["folded.onnx", "dynamo.onnx"].contains(file))
        try CommandLineTool.succeed(["run", "trained.onnx", "--test-data", data.path], in: folder)
        let explanation = try CommandLineTool.succeed(["explain", "trained.onnx"], in: folder)
        #expect(explanation.contains("Since then all weights were trained"))
        let verification = try CommandLineTool.succeed(["verify", "source.onnx", "trained.onnx"], in: folder)
        #expect(verification.unwrapped.contains("the weights were trained since"))
    }

    @Test("Weights of another network are refused in one line")
    func foreignWeights() throws {
        let folder = try TemporaryFolder()
        try Self.build("channels", in: folder)
        let data = Fixtures.training
        func state(_ variant: String) -> String { data.appending(path: "\(variant)/state.npz").path }
        try CommandLineTool.succeed(
            ["build", "resnet50-mod", "-o", "wide.onnx", "--mod-ratio", "0.5", "--width", "8"] + [
                "--depths", "2,2",
            ]
                + ["--classes", "10", "--input", "Nx3x16x16", "-q"], in: folder)
        try CommandLineTool.succeed(
            [
                "build", "resnet50-mod", "-o", "folded.onnx", "--mod-ratio", "0.5", "--width", "4", "--bn",
                "folded",
            ]
                + ["--depths", "2,2", "--classes", "10", "--input", "Nx3x16x16", "-q"], in: folder)
        try folder.write(Data([8, 0, 0, 0, 0, 0, 0, 0] + "[[[[[[[[".utf8), "broken.safetensors")
        try folder.write(Data("x = 1".utf8), "state.pt")
        let lines = try [
            ["source.onnx", state("hidden")], ["wide.onnx", state("channels")],
            ["folded.onnx", state("channels")],
            ["source.onnx", "broken.safetensors"],
        ].map { try CommandLineTool.fail(["import-weights", "-o", "out.onnx"] + $0, 65, in: folder) }
        let usage = try CommandLineTool.fail(
            ["import-weights", "-o", "out.onnx", "source.onnx", "state.pt"], 64, in: folder)
        try expectSnapshot(lines.joined() + usage, "import-weights-errors")
        #expect(!folder.exists("out.onnx"))
    }

    /// The network that a folder of trained files was trained from, as `source.onnx`.
    private static func build(_ variant: String, in folder: TemporaryFolder) throws {
        let options = try String(
            contentsOf: Fixtures.training.appending(path: "\(variant)/build.txt"), encoding: .utf8)
        let words = options.split(whereSeparator: \.isWhitespace).map(String.init)
        try CommandLineTool.succeed(["build"] + words + ["-o", "source.onnx", "-q"], in: folder)
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
