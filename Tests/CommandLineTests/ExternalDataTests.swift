import Foundation
import TestSupport
import Testing

@Suite struct ExternalDataTests {
    private static let fixture = "external-data-bottleneck"

    /// The folder of a model whose weights lie in model.onnx.data.
    private static func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder(fixtures: fixture)
        try FileManager.default.copyItem(
            at: Fixtures.models.appending(path: "\(fixture)/model.onnx.data"),
            to: folder.url.appending(path: "model.onnx.data"))
        return folder
    }

    @Test("A conversion with its weights beside it is the same network")
    func convert() throws {
        let folder = try Self.folder()
        let base = ["\(Self.fixture).onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-q"]
        try CommandLineTool.succeed(base + ["-o", "whole.onnx"], in: folder)
        try CommandLineTool.succeed(base + ["-o", "split.onnx", "--external-data"], in: folder)
        #expect(folder.names.contains("split.onnx.data"))
        #expect(try folder.contents("split.onnx").count < folder.contents("whole.onnx").count)
        try CommandLineTool.succeed(["verify", "\(Self.fixture).onnx", "split.onnx", "-q"], in: folder)
        for name in ["whole", "split"] {
            try CommandLineTool.succeed(
                ["run", "\(name).onnx", "--fill", "random", "-o", "\(name).npy", "-q"], in: folder)
        }
        #expect(try folder.contents("whole.npy") == folder.contents("split.npy"))
    }

    @Test("A network that is built with its weights beside it is the same network")
    func build() throws {
        let folder = try TemporaryFolder()
        let base = ["build", "resnet18", "--width", "8", "--input", "1x3x32x32", "-q"]
        try CommandLineTool.succeed(base + ["-o", "split.onnx", "--external-data"], in: folder)
        #expect(folder.names == ["split.onnx", "split.onnx.data"])
        try CommandLineTool.succeed(base + ["-o", "whole.onnx"], in: folder)
        for name in ["whole", "split"] {
            try CommandLineTool.succeed(
                ["run", "\(name).onnx", "--fill", "random", "-o", "\(name).npy", "-q"], in: folder)
        }
        #expect(try folder.contents("whole.npy") == folder.contents("split.npy"))
    }

    @Test("Neither another file nor the source's weights are replaced")
    func places() throws {
        let folder = try Self.folder()
        let before = try folder.contents("model.onnx.data")
        let base = [
            "\(Self.fixture).onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-q", "--external-data",
        ]
        let exists = try CommandLineTool.fail(base + ["-o", "model.onnx"], 73, in: folder)
        #expect(exists.contains("model.onnx.data: exists already"))
        let source = try CommandLineTool.fail(base + ["-o", "model.onnx", "--force"], 64, in: folder)
        #expect(source.contains("holds the source's"))
        #expect(try folder.contents("model.onnx.data") == before)
        #expect(folder.names == ["\(Self.fixture).onnx", "model.onnx.data"])
    }
}
