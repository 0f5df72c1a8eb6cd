import Foundation
import TestSupport
import Testing

/// `-` in place of a model's file, in a shell's pipeline.
@Suite struct StandardStreamTests {
    @Test(
        "A model goes through a pipe as through files",
        arguments: [["optimize"], ["convert", "--mod-ratio", "0.5", "--recipe", "paper"]])
    func pipe(_ command: [String]) throws {
        let folder = try TemporaryFolder()
        let source = Repository.root.appending(path: "fixtures/models/torchvision-opset17/model.onnx")
        try folder.write(Data(contentsOf: source), "in.onnx")
        let words = ([CommandLineTool.executable.path] + command).joined(separator: " ")
        for line in [
            "\(words) - -o - < in.onnx > piped.onnx", "\(words) in.onnx -o - > half-piped.onnx",
            "\(words) - -o from-input.onnx < in.onnx", "\(words) in.onnx -o named.onnx",
        ] {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", line]
            process.currentDirectoryURL = folder.url
            process.standardOutput = FileHandle.nullDevice
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "\(line)")
        }
        let named = try folder.contents("named.onnx")
        #expect(try folder.contents("piped.onnx") == named)
        #expect(try folder.contents("half-piped.onnx") == named)
        #expect(try folder.contents("from-input.onnx") == named)
    }
}
