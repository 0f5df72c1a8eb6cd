import Foundation
import Testing

@Suite struct ConvertTests {
    @Test(
        "Ledger, verification and totals, word for word",
        arguments: [
            ("torchvision-resnet50", ["--mod-ratio", "0.5", "--recipe", "paper"]),
            (
                "torchvision-resnet18-bn",
                ["--mod-reduction", "4", "--recipe", "paper", "--blocks", "all", "--bn", "folded"]
            ),
            ("mxnet-v2-basic", ["--mod-ratio", "1/2", "--recipe", "paper", "--router", "fixed"]),
            (
                "keras3-resnet50v2",
                ["--mod-ratio", "0.5", "--recipe", "paper", "--blocks", "1.1,conv3_block3_out_1"]
            ),
            ("tap-bottleneck", ["--mod-ratio", "0.5", "--recipe", "paper", "--round-to", "8", "-v"]),
            ("torchvision-resnet18", ["--mod-ratio", "1", "--recipe", "paper"]),
            ("caffe2-bottleneck", ["--mod-ratio", "1/8", "--recipe", "paper", "--emit", "fast"]),
        ])
    func output(fixture: String, options: [String]) throws {
        let folder = try TemporaryFolder(fixtures: fixture)
        let text = try CommandLineTool.succeed(
            ["\(fixture).onnx"] + options + ["-o", "converted.onnx"], in: folder)
        try expectSnapshot(text.maskingMeasurements, "convert-\(fixture)")
        #expect(folder.names == ["converted.onnx", "\(fixture).onnx"].sorted())
    }

    @Test("The output's name says the ratio and lies beside the source")
    func defaultName() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        try CommandLineTool.succeed(
            ["convert", "torchvision-opset17.onnx", "--mod-ratio", "1/64", "--recipe", "paper", "-q"],
            in: folder)
        try CommandLineTool.succeed(
            ["torchvision-opset17.onnx", "--mod-reduction", "2", "--recipe", "paper", "-q", "--no-verify"],
            in: folder)
        #expect(
            folder.names == [
                "torchvision-opset17.mod-0.5.onnx", "torchvision-opset17.mod-1-64.onnx",
                "torchvision-opset17.onnx",
            ])
    }

    @Test("The same conversion gives the same bytes, with any number of threads, and leaves the source alone")
    func reproducible() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset11")
        let source = try folder.contents("torchvision-opset11.onnx")
        let base = ["torchvision-opset11.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-q"]
        try CommandLineTool.succeed(base + ["-o", "a.onnx", "--threads", "1"], in: folder)
        try CommandLineTool.succeed(base + ["-o", "b.onnx", "--threads", "3"], in: folder)
        try CommandLineTool.succeed(base + ["-o", "c.onnx", "--seed", "1"], in: folder)
        #expect(try folder.contents("a.onnx") == folder.contents("b.onnx"))
        #expect(try folder.contents("a.onnx") != folder.contents("c.onnx"))
        #expect(try folder.contents("torchvision-opset11.onnx") == source)
    }

    @Test("Nothing is overwritten without --force")
    func overwriting() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let old = Data("mine".utf8)
        try folder.write(old, "out.onnx")
        let arguments = [
            "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "out.onnx", "-q",
        ]
        let line = try CommandLineTool.fail(arguments, 73, in: folder)
        #expect(line.contains("out.onnx: exists already"))
        #expect(try folder.contents("out.onnx") == old)
        try CommandLineTool.succeed(arguments + ["--force"], in: folder)
        #expect(try folder.contents("out.onnx") != old)
    }

    @Test("JSON for machines: blocks, totals, checks")
    func json() throws {
        struct Result: Decodable {
            struct Totals: Decodable { let macs: Int, params: Int }
            let before: Totals
            let after: Totals
        }
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let text = try CommandLineTool.succeed(
            ["torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--json", "-"], in: folder
        )
        try expectSnapshot(text.maskingMeasurements, "convert-json")
        let result = try JSONDecoder().decode(Result.self, from: Data(text.utf8))
        #expect(result.after.macs < result.before.macs)
        try CommandLineTool.succeed(
            [
                "torchvision-opset17.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--json", "r.json",
                "-q", "--force",
            ],
            in: folder)
        #expect(try String(decoding: folder.contents("r.json"), as: UTF8.self) == text)
    }

    @Test(
        "A converted file of any exporter runs, and passes verify",
        arguments: [
            "caffe2-bottleneck", "dynamo-bottleneck", "fp16-bottleneck", "keras3-opset9", "keras3-resnet50",
            "mxnet-v1-bottleneck", "onnxslim-bottleneck", "shared-weights-bottleneck", "timm-resnetd",
            "torchvision-batch4", "torchvision-opset7",
        ])
    func exporters(_ fixture: String) throws {
        let folder = try TemporaryFolder(fixtures: fixture)
        try CommandLineTool.succeed(
            ["\(fixture).onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"], in: folder
        )
        try CommandLineTool.succeed(["verify", "\(fixture).onnx", "mod.onnx", "-q"], in: folder)
        try CommandLineTool.succeed(["inspect", "mod.onnx", "-q"], in: folder)
    }
}
