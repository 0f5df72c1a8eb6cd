import Foundation
import TestSupport
import Testing

@Suite struct ExplainTests {
    @Test(
        "The command that explain prints makes the file again, byte for byte",
        arguments: [
            ("torchvision-opset17", ["--mod-ratio", "0.5", "--recipe", "paper"]),
            (
                "torchvision-resnet18-bn",
                ["--mod-reduction", "4", "--recipe", "paper", "--blocks", "all", "--bn", "folded"]
            ),
            (
                "torchvision-resnet18-bn",
                [
                    "--mod-ratio", "3/8", "--recipe", "paper", "--bn", "separate", "--seed",
                    "18446744073709551615",
                ]
            ),
            (
                "keras3-resnet50v2",
                ["--mod-ratio", "0.5", "--recipe", "paper", "--blocks", "1.1,conv3_block3_out_1"]
            ),
            (
                "mxnet-v2-basic",
                ["--mod-ratio", "1/3", "--recipe", "paper", "--router", "fixed", "--round-to", "8"]
            ),
            (
                "torchvision-symbolic-size",
                ["--mod-ratio", "0.5", "--recipe", "paper", "--input-shape", "input=Nx3x48x64"]
            ),
            ("torchvision-opset11", ["--mod-ratio", "0.5", "--recipe", "paper", "--emit", "fast"]),
            ("torchvision-opset11", ["--mod-ratio", "0.5", "--recipe", "paper", "--external-data"]),
            (
                "odd-names-bottleneck",
                ["--mod-ratio", "0.5", "--recipe", "paper", "--input-shape", "2x3x32x32"]
            ),
            (
                "torchvision-resnet18-bn",
                [
                    "--mod-ratio", "0.5", "--recipe", "paper", "--route", "hidden", "--mod-width", "2",
                    "--init", "he",
                ]
            ),
            (
                "torchvision-resnet18-bn",
                ["--mod-ratio", "0.5", "--recipe", "paper", "--init", "zero", "--bn", "separate"]
            ),
            (
                "torchvision-opset17",
                ["--mod-ratio", "0.5", "--recipe", "paper", "--route", "hidden", "--router", "fixed"]
            ),
        ])
    func reproduction(fixture: String, options: [String]) throws {
        let folder = try TemporaryFolder(fixtures: fixture)
        let source = "the source's file.onnx"
        try folder.write(folder.contents("\(fixture).onnx"), source)
        try Self.expectReproduction(
            ["convert", source, "--recipe", "paper"] + options, source: source, in: folder)
    }

    @Test(
        "So it does for calibrated files, from generated and from real images",
        arguments: [
            ["--recipe", "calibrated", "--mod-ratio", "0.5"],
            ["--mod-ratio", "1/3", "--blocks", "all", "--router", "topk", "--seed", "7", "--emit", "fast"],
            ["--mod-ratio", "0.5", "--route", "channels", "--fusion", "first-k", "--weights", "keep"],
            ["--recipe", "calibrated", "--drop", "--weights", "keep"],
            ["--mod-ratio", "0.5", "--preprocess", "caffe", "--recipe", "calibrated"],
            ["--mod-ratio", "0.5", "--calibrate", "grey-idx3-ubyte", "--mean", "0.286", "--std", "0.353"],
            [
                "--mod-ratio", "0.5", "--calibrate=-pictures", "--scale", "1/255", "--resize", "44",
                "--size", "40x40", "--layout", "nchw", "--input-shape", "1x3x40x40",
            ],
            ["--target-macs", "0.8M", "--router", "fixed", "--round-to", "8"],
            [
                "--max-drop", "60%", "--blocks", "1.1,2.1", "--calibrate", "grey-idx3-ubyte",
                "--router", "fixed",
            ],
        ])
    func calibrated(options: [String]) throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18")
        try folder.write(Self.greyImages(count: 80), "grey-idx3-ubyte")
        try folder.makeFolder("-pictures")
        for name in ["grey.png", "rgb-16.png", "rgb.jpg", "palette.png"] {
            try folder.write(Data(contentsOf: Fixtures.images.appending(path: name)), "-pictures/\(name)")
        }
        let source = "torchvision-resnet18.onnx"
        try Self.expectReproduction(
            ["convert", source, "--calibrate-samples", "12"] + options, source: source, in: folder)
    }

    /// Converts, runs the command that `explain` prints, and compares the two files.
    private static func expectReproduction(
        _ conversion: [String], source: String, in folder: TemporaryFolder
    ) throws {
        try CommandLineTool.succeed(conversion + ["-o", "mod.onnx", "-q", "--no-verify"], in: folder)
        let text = try CommandLineTool.succeed(
            ["explain", "mod.onnx", "--source", source, "--json"], in: folder)
        struct Explanation: Decodable { let command: [String] }
        let command = try JSONDecoder().decode(Explanation.self, from: Data(text.utf8)).command
        #expect(command.first == "modconvert")
        let isBeside = conversion.contains("--external-data")
        try folder.makeFolder("again")
        try CommandLineTool.succeed(
            Array(command.dropFirst()) + ["-q", "--no-verify"], in: folder)
        let copy = isBeside ? "again/mod.onnx" : "mod.again.onnx"
        #expect(try folder.contents(copy) == folder.contents("mod.onnx"))
        if isBeside {
            #expect(try folder.contents("\(copy).data") == folder.contents("mod.onnx.data"))
        }
    }

    /// An IDX file of grey images of 40 x 40 pixels.
    private static func greyImages(count: Int) -> Data {
        var bytes: [UInt8] = [0, 0, 8, 3, 0, 0, 0, UInt8(count), 0, 0, 0, 40, 0, 0, 0, 40]
        for pixel in 0..<(count * 1600) {
            let brightness = pixel * 7 + pixel / 1600 * 31
            bytes.append(UInt8(brightness % 251))
        }
        return Data(bytes)
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
        try CommandLineTool.succeed(
            [
                "torchvision-resnet18-bn.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--route",
                "hidden", "--mod-width", "2", "--init", "zero", "-o", "d.onnx", "-q",
            ], in: folder)
        let cases = [
            ["a.onnx"], ["a.onnx", "--source", "torchvision-resnet18-bn.onnx"], ["b.onnx"], ["c.onnx"],
            ["d.onnx"],
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

    @Test("What a calibrated file says of its making, word for word")
    func calibratedSentences() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18")
        try folder.write(Self.greyImages(count: 20), "grey-idx3-ubyte")
        let cases: [[String]] = [
            ["--mod-ratio", "0.5", "--recipe", "calibrated", "--dynamic-bias", "auto"],
            [
                "--mod-ratio", "1/4", "--route", "channels", "--fusion", "first-k", "--weights", "keep",
                "--router", "topk", "--blocks", "1.1", "--calibrate", "grey-idx3-ubyte", "--mean", "0.286",
                "--std", "0.353", "--seed", "3",
            ],
            ["--target-macs", "0.8M", "--router", "fixed"],
            ["--drop"],
        ]
        var texts: [String] = []
        for (index, options) in cases.enumerated() {
            let file = "\(index).onnx"
            try CommandLineTool.succeed(
                ["torchvision-resnet18.onnx", "--calibrate-samples", "12", "-o", file, "-q", "--no-verify"]
                    + options, in: folder)
            let text = try CommandLineTool.succeed(["explain", file], in: folder)
            texts.append("\(options.joined(separator: " "))\n\n\(text)")
        }
        try expectSnapshot(texts.joined(separator: "\n"), "explain-calibrated")
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
