import Foundation
import Testing

@Suite struct ColourTests {
    private static let escape = "\u{1b}"

    @Test("Colours change nothing but colours")
    func always() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        let command = [
            "cifar-option-b.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "--force",
        ]
        let plain = try CommandLineTool.succeed(command + ["--color", "never"], in: folder)
        let coloured = try CommandLineTool.succeed(command + ["--color", "always"], in: folder)
        #expect(!plain.contains(ColourTests.escape))
        #expect(coloured.contains("\(ColourTests.escape)[32mpassed\(ColourTests.escape)[0m"))
        #expect(coloured.contains("\(ColourTests.escape)[2mkept"))
        #expect(coloured.replacing(/\u{1b}\[\d+m/, with: "") == plain)
    }

    @Test("What does not go to a terminal has none, whatever the environment says")
    func auto() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        for environment in [[:], ["NO_COLOR": "1"], ["TERM": "xterm-256color", "CLICOLOR_FORCE": "1"]] {
            let outcome = try CommandLineTool.run(
                [
                    "cifar-option-b.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx",
                    "--force",
                ], in: folder,
                environment: environment)
            #expect(outcome.status == 0)
            #expect(!outcome.output.contains(ColourTests.escape))
        }
    }

    @Test("Differences have colours that change nothing else", arguments: ["diff", "compare"])
    func differences(command: String) throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        try CommandLineTool.succeed(
            ["cifar-option-b.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        func output(_ mode: String) throws -> String {
            try CommandLineTool.run(
                [command, "cifar-option-b.onnx", "mod.onnx", "--color", mode], in: folder
            ).output
        }
        let (plain, coloured) = (try output("never"), try output("always"))
        #expect(coloured.contains("\(ColourTests.escape)[31m"))
        #expect(coloured.replacing(/\u{1b}\[\d+m/, with: "") == plain)
    }

    @Test("A failed check is red, and its error line plain")
    func failure() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17", "torchvision-opset11")
        try CommandLineTool.succeed(
            ["torchvision-opset11.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        let outcome = try CommandLineTool.run(
            ["verify", "torchvision-opset17.onnx", "mod.onnx", "--color", "always"], in: folder)
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("\(ColourTests.escape)[31mfailed"))
        #expect(!outcome.error.contains(ColourTests.escape))
    }
}
