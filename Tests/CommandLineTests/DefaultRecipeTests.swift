import Foundation
import TestSupport
import Testing

/// The command that everybody types first; benchmarks/accuracy/default_command.py measures what it keeps.
@Suite struct DefaultRecipeTests {
    @Test("A network that was built, and never trained, gets blocks that are to be trained")
    func builtNetworks() throws {
        let folder = try TemporaryFolder()
        try CommandLineTool.succeed(
            ["build", "resnet18", "--width", "8", "--input", "1x3x32x32", "-o", "net.onnx", "-q"], in: folder)
        let text = try CommandLineTool.succeed(
            ["net.onnx", "--mod-ratio", "0.5", "-o", "a.onnx"], in: folder)
        #expect(text.hasPrefix("recipe  paper: the file was built by modconvert, and nobody has trained it"))
    }

    @Test(
        "inspect promises no conversion that the default command does not make",
        arguments: ["torchvision-resnext", "torchvision-mobilenetv2", "torchvision-opset17"])
    func inspection(_ name: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(Data(contentsOf: URL(filePath: Fixtures.path(name))), "net.onnx")
        let promises = try CommandLineTool.succeed(["inspect", "net.onnx"], in: folder)
            .split(separator: "\n").filter { $0.contains("converted by default") }
            .compactMap { $0.split(separator: " ").first }
        let outcome = try CommandLineTool.run(
            [
                "net.onnx", "--mod-ratio", "0.5", "--calibrate-samples", "8", "-o", "out.onnx", "--no-verify",
                "--json", "out.json",
            ], in: folder)
        var converted: [String] = []
        if outcome.status == 0 {
            let bytes = try Data(contentsOf: folder.url.appending(path: "out.json"))
            let report = try JSONSerialization.jsonObject(with: bytes) as? [String: Any]
            let blocks = try #require(report?["blocks"] as? [[String: Any]])
            converted = blocks.filter { $0["verdict"] as? String == "convert" }
                .compactMap { $0["scope"] as? String }
        }
        #expect(promises.map(String.init) == converted, "\(outcome.error)")
    }

    @Test(
        "A misspelled word is named before anything else",
        arguments: [
            (["net.onnx", "--mod-ration", "0.5"], "Did you mean '--mod-ratio'?"),
            (["net.onnx", "--ratio", "0.5"], "Unknown option '--ratio'. Did you mean '--mod-ratio'?"),
            (
                ["insepct", "FILE"],
                "insepct: is neither a command nor a file; `modconvert inspect` may be meant"
            ),
            (["version"], "version: is no command; `modconvert --version` prints the version"),
        ])
    func misspellings(_ words: [String], _ line: String) throws {
        let error = try CommandLineTool.fail(words, 64, in: TemporaryFolder())
        #expect(error.contains(line), "\(error)")
    }

    @Test func withoutWordsTheHelpIsPrinted() throws {
        let text = try CommandLineTool.succeed([], in: TemporaryFolder())
        #expect(text.hasPrefix("OVERVIEW: "))
    }
}
