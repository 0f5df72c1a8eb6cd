import Foundation
import Testing

@Suite struct ExplainTests {
    @Test(
        "The command that explain prints makes the file again, byte for byte",
        arguments: [
            ("torchvision-opset17", ["--mod-ratio", "0.5"]),
            ("torchvision-resnet18-bn", ["--mod-reduction", "4", "--blocks", "all", "--bn", "folded"]),
            (
                "torchvision-resnet18-bn",
                ["--mod-ratio", "3/8", "--bn", "separate", "--seed", "18446744073709551615"]
            ),
            ("keras3-resnet50v2", ["--mod-ratio", "0.5", "--blocks", "1.1,conv3_block3_out_1"]),
            ("mxnet-v2-basic", ["--mod-ratio", "1/3", "--router", "fixed", "--round-to", "8"]),
            ("torchvision-symbolic-size", ["--mod-ratio", "0.5", "--input-shape", "input=Nx3x48x64"]),
            ("torchvision-opset11", ["--mod-ratio", "0.5", "--emit", "fast"]),
            ("torchvision-opset11", ["--mod-ratio", "0.5", "--external-data"]),
            ("odd-names-bottleneck", ["--mod-ratio", "0.5", "--input-shape", "2x3x32x32"]),
        ])
    func reproduction(fixture: String, options: [String]) throws {
        let folder = try TemporaryFolder(fixtures: fixture)
        let source = "the source's file.onnx"
        try folder.write(folder.contents("\(fixture).onnx"), source)
        try CommandLineTool.succeed(
            ["convert", source, "--recipe", "paper"] + options + ["-o", "mod.onnx", "-q", "--no-verify"],
            in: folder)
        let text = try CommandLineTool.succeed(
            ["explain", "mod.onnx", "--source", source, "--json"], in: folder)
        struct Explanation: Decodable { let command: [String] }
        let command = try JSONDecoder().decode(Explanation.self, from: Data(text.utf8)).command
        #expect(command.first == "modconvert")
        let isBeside = options.contains("--external-data")
        try FileManager.default.createDirectory(
            atPath: folder.path("again"), withIntermediateDirectories: true)
        try CommandLineTool.succeed(
            Array(command.dropFirst()) + ["-q", "--no-verify"], in: folder)
        let copy = isBeside ? "again/mod.onnx" : "mod.again.onnx"
        #expect(try folder.contents(copy) == folder.contents("mod.onnx"))
        if isBeside {
            #expect(try folder.contents("\(copy).data") == folder.contents("mod.onnx.data"))
        }
    }

    @Test("What a file says of its making, word for word")
    func sentences() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18-bn", "mxnet-v2-basic")
        try CommandLineTool.succeed(
            [
                "torchvision-resnet18-bn.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--bn", "folded",
                "--round-to", "8",
                "-o", "a.onnx", "-q",
            ], in: folder)
        try CommandLineTool.succeed(
            [
                "mxnet-v2-basic.onnx", "--mod-ratio", "1/3", "--recipe", "paper", "--router", "fixed",
                "--blocks", "1.1",
                "--input-shape", "1x3x32x32", "--seed", "9", "-o", "b.onnx", "-q",
            ], in: folder)
        try CommandLineTool.succeed(
            ["build", "resnet26-mod", "--width", "16", "--input", "1x3x32x32", "-o", "c.onnx", "-q"],
            in: folder)
        let cases = [
            ["a.onnx"], ["a.onnx", "--source", "torchvision-resnet18-bn.onnx"], ["b.onnx"], ["c.onnx"],
        ]
        let texts = try cases.map { arguments in
            let text = try CommandLineTool.succeed(["explain"] + arguments, in: folder)
            return "explain \(arguments.joined(separator: " "))\n\n\(text)"
        }
        try expectSnapshot(texts.joined(separator: "\n"), "explain")
        let line = try CommandLineTool.fail(["explain", "a.onnx", "--source", "b.onnx", "-q"], 1, in: folder)
        #expect(line.contains("b.onnx: is not the file that a.onnx was made from"))
        let none = try CommandLineTool.fail(["explain", "mxnet-v2-basic.onnx"], 64, in: folder)
        #expect(none.contains("has no manifest"))
    }

    @Test("The command is quoted as a shell needs it")
    func quoting() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-b")
        let source = "it's $HOME; *.onnx"
        try folder.write(folder.contents("cifar-option-b.onnx"), source)
        try CommandLineTool.succeed(
            [source, "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"], in: folder)
        let text = try CommandLineTool.succeed(["explain", "mod.onnx", "--source", source], in: folder)
        let command = try #require(text.split(separator: "\n").last).trimmingCharacters(in: .whitespaces)
        #expect(
            command
                == #"modconvert convert 'it'\''s $HOME; *.onnx' --mod-ratio 0.5 --recipe paper -o mod.again.onnx"#
        )
    }
}
