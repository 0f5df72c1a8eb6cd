import Foundation
import TestSupport
import Testing

/// What a new user meets: files of other kinds, options in other forms, images of other types.
@Suite struct NewUserTests {
    /// The first bytes of files that are given in place of an ONNX file.
    private static let foreign: [(name: String, bytes: [UInt8])] = [
        (
            "weights.pt",
            [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 26) + Array("weights/data.pkl".utf8)
        ),
        ("old.pth", [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC]),
        ("model.keras", [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 26) + Array("config.json".utf8)),
        ("model.h5", [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A, 0, 0]),
        ("model.tflite", [0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0, 0, 0, 0]),
        ("model.safetensors", [0x40, 0, 0, 0, 0, 0, 0, 0] + Array("{\"fc.weight\":{".utf8)),
        (
            "frozen.pb",
            [0x0A, 0x1C, 0x0A, 5] + Array("input".utf8) + [0x12, 11] + Array("Placeholder".utf8) + [
                0x3A, 0xFF,
            ]
        ),
        ("models.zip", [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 26) + Array("resnet50.onnx".utf8)),
        ("model.onnx.gz", [0x1F, 0x8B, 8, 0]),
        ("pointer.onnx", Array("version https://git-lfs.github.com/spec/v1\n".utf8)),
        ("page.onnx", Array("<!DOCTYPE html>\n".utf8)),
        ("images.npy", [0x93] + Array("NUMPY".utf8) + [1, 0]),
    ]

    private static let source = "torchvision-opset17.onnx"

    @Test("Files of other kinds are named as what they are, with the exporter to use")
    func foreignFiles() throws {
        let folder = try TemporaryFolder()
        var text = ""
        for (name, bytes) in Self.foreign {
            try folder.write(Data(bytes), name)
            text += try CommandLineTool.fail([name, "--mod-ratio", "0.5"], 65, in: folder)
        }
        try expectSnapshot(text, "errors-foreign-files")
    }

    @Test("Options and places in other forms")
    func forms() throws {
        let folder = try TemporaryFolder(
            fixtures: "torchvision-opset17")
        try CommandLineTool.succeed(
            ["build", "resnet18", "--width", "8", "--input", "1x3x64x64", "-o", "other.onnx", "-q"],
            in: folder)
        try folder.write(Self.array([1, 3, 32, 32], [Float](repeating: .nan, count: 3072)), "nan.npy")
        try folder.write(Self.array([2, 3, 20, 20], [Float](repeating: 0, count: 2400)), "small.npy")
        let cases: [(Int32, [String])] = [
            (64, [Self.source, "--max-drop", "1"]),
            (64, [Self.source, "--target-macs", "160%"]),
            (64, [Self.source, "--target-speedup", "1"]),
            (64, [Self.source, "new.onnx", "third.onnx", "--mod-ratio", "0.5"]),
            (64, [Self.source, "new.onnx", "-o", "other.onnx", "--mod-ratio", "0.5"]),
            (64, [Self.source, "--output-dir", "out", "-o", "new.onnx", "--mod-ratio", "0.5"]),
            (64, [Self.source, "-", "--mod-ratio", "0.5", "--recipe", "paper", "--json"]),
            (66, [Self.source, "--mod-ratio", "0.5", "--calibrate", "missing"]),
            (66, [Self.source, "--mod-ratio", "0.5", "--calibrate", "missing.jpg"]),
            (65, [Self.source, "--mod-ratio", "0.5", "--calibrate", "nan.npy"]),
            (65, [Self.source, "--mod-ratio", "0.5", "--calibrate", "small.npy"]),
            (66, ["evaluate", Self.source, "--data", "missing"]),
            (73, [Self.source, "--mod-ratio", "0.5", "--recipe", "paper", "--report", "missing/page.html"]),
            (65, ["compare", Self.source, "other.onnx"]),
        ]
        var text = ""
        for (status, arguments) in cases {
            let error = try CommandLineTool.fail(arguments, status, in: folder)
            text += "\(arguments.joined(separator: " "))\n  \(status): \(error)"
        }
        try expectSnapshot(text, "errors-new-user")
    }

    @Test("A shape with commas, one image, float64, both layouts, grey and colours are taken")
    func taken() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        for name in ["rgb.jpg", "grey.png"] {
            try folder.write(Data(contentsOf: Fixtures.images.appending(path: name)), name)
        }
        let values = (0..<3072).map { Double($0 % 17) / 17 }
        try folder.write(Self.array([1, 32, 32, 3], values), "double.npy")
        try folder.write(Self.array([4, 32, 32], (0..<4096).map { UInt8($0 % 251) }), "grey.npy")
        func evaluated(_ data: String) throws -> String {
            try CommandLineTool.succeed(
                ["evaluate", Self.source, Self.source, "--data", data, "--size", "32x32"], in: folder)
        }
        #expect(try evaluated("rgb.jpg").contains("1 images"))
        #expect(try evaluated("double.npy").contains("1 images"))
        for data in ["grey.png", "grey.npy"] {
            #expect(
                try evaluated(data).unwrapped.contains("the images are grey, the network takes 3 channels"))
        }
        let text = try CommandLineTool.succeed(
            ["inspect", Self.source, "--input-shape", "1,3,32,32"], in: folder)
        #expect(text.contains("float[1x3x32x32]"))
    }

    @Test("IN OUT, several files with --output-dir, - and --dry-run")
    func habits() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17", "cifar-option-a")
        let options = ["--mod-ratio", "0.5", "--recipe", "paper", "-q"]
        try CommandLineTool.succeed([Self.source, "named.onnx"] + options, in: folder)
        try CommandLineTool.succeed(
            [Self.source, "cifar-option-a.onnx", "--output-dir", "out"] + options, in: folder)
        #expect(
            try folder.contents("out/torchvision-opset17.mod-0.5.onnx") == folder.contents("named.onnx"))
        #expect(folder.exists("out/cifar-option-a.mod-0.5.onnx"))
        // The shell's redirections are the shortest way to give a process a file as standard input.
        let piped = try Process.run(
            URL(filePath: "/bin/sh"),
            arguments: [
                "-c",
                "cd '\(folder.url.path)' && '\(CommandLineTool.executable.path)' - --mod-ratio 0.5 --recipe paper "
                    + "< \(Self.source) > piped.onnx 2> tables.txt",
            ])
        piped.waitUntilExit()
        #expect(piped.terminationStatus == 0)
        #expect(try folder.contents("piped.onnx") == folder.contents("named.onnx"))
        #expect(try String(decoding: folder.contents("tables.txt"), as: UTF8.self).contains("saved"))
        let names = folder.names
        let plan = try CommandLineTool.succeed([Self.source, "--mod-ratio", "0.5", "--dry-run"], in: folder)
        #expect(plan.unwrapped.contains("dry run: nothing was calibrated, verified or written"))
        #expect(folder.names == names)
    }

    /// A `.npy` file, as NumPy writes it.
    private static func array<Element>(_ shape: [Int], _ values: [Element]) -> Data {
        let code = Element.self == UInt8.self ? "|u1" : Element.self == Double.self ? "<f8" : "<f4"
        let extents = shape.map(String.init).joined(separator: ", ")
        var header = "{'descr': '\(code)', 'fortran_order': False, 'shape': (\(extents),), }"
        header += String(repeating: " ", count: 127 - 10 - header.utf8.count) + "\n"
        return Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8))
            + values.withUnsafeBytes { Data($0) }
    }
}
