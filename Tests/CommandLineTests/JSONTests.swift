import Foundation
import Testing

/// The results that every command writes with `--json`.
@Suite struct JSONTests {
    private static let source = "torchvision-opset17.onnx"

    private static let commands: [(name: String, arguments: [String])] = [
        ("build", ["build", "resnet26-mod", "--width", "16", "--input", "1x3x32x32", "-o", "new.onnx"]),
        ("compare", ["compare", source, "mod.onnx"]),
        ("explain", ["explain", "mod.onnx", "--source", source]),
        ("inspect", ["inspect", source, "--tensors", "3", "--values"]),
        ("inspect-converted", ["inspect", "mod.onnx"]),
        ("macs", ["macs", "mod.onnx"]),
        ("optimize", ["optimize", "cifar-option-a.onnx", "-o", "small.onnx"]),
        ("run", ["run", source, "--fill", "arange"]),
    ]

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17", "cifar-option-a")
        try CommandLineTool.succeed(
            ["convert", Self.source, "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        let head: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 32, 0, 0, 0, 32]
        let pixels = (0..<4096).map { UInt8($0 % 251) }
        try folder.write(Data(head + pixels), "x-images-idx3-ubyte")
        try folder.write(Data([0, 0, 8, 1, 0, 0, 0, 4, 1, 2, 3, 4]), "x-labels-idx1-ubyte")
        return folder
    }

    @Test("Word for word, but for measured figures", arguments: commands.map(\.name))
    func contents(_ name: String) throws {
        let arguments = try #require(Self.commands.first { $0.name == name }).arguments
        let outcome = try CommandLineTool.run(arguments + ["--json"], in: folder())
        #expect(outcome.status == (name == "compare" ? 1 : 0), "\(outcome.error)")
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) }
        try expectSnapshot(outcome.output.maskingFractions, "json-\(name)")
    }

    @Test("What is measured: the keys, and the kinds of their values")
    func keys() throws {
        let folder = try folder()
        let commands = [
            ["bench", Self.source, "mod.onnx", "--runs", "7"], ["profile", Self.source, "--runs", "2"],
            ["evaluate", Self.source, "mod.onnx", "--data", "x-images-idx3-ubyte"],
            [
                "sweep", Self.source, "--ratios", "0.5", "--data", "x-images-idx3-ubyte",
                "--calibrate-samples", "8", "--threads", "1",
            ],
        ]
        var text = ""
        for command in commands {
            let output = try CommandLineTool.succeed(command + ["--json"], in: folder)
            let keys = Self.keys(try JSONSerialization.jsonObject(with: Data(output.utf8)), "")
            text += "\(command[0])\n" + Set(keys).sorted().map { "  \($0)\n" }.joined()
        }
        try expectSnapshot(text, "json-keys")
    }

    /// `models[].top_one: number` and the like; an object or list without members stands for itself.
    private static func keys(_ value: Any, _ path: String) -> [String] {
        switch value {
        case let object as [String: Any] where !object.isEmpty:
            object.flatMap { keys($0.value, path.isEmpty ? $0.key : "\(path).\($0.key)") }
        case let list as [Any] where !list.isEmpty: list.flatMap { keys($0, "\(path)[]") }
        case is String: ["\(path): text"]
        case is NSNumber: ["\(path): number"]
        default: ["\(path): \(value is [Any] ? "[]" : "null")"]
        }
    }
}

extension String {
    /// The text with numbers hidden that have decimals or an exponent, and distances in ULP.
    fileprivate var maskingFractions: String {
        var text = self
        text.replace(/(: |^ *)-?\d+(\.\d+(e[-+]?\d+)?|e[-+]?\d+)(,?)$/.anchorsMatchLineEndings()) {
            "\($0.1)#\($0.4)"
        }
        text.replace(/("(?:ulp|max_abs|relative|cosine|difference)" : )-?\d+/) { "\($0.1)#" }
        return text
    }
}
