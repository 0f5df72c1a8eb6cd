import Foundation
import Testing

/// `evaluate --shard i/n` and `merge`: what parts add up to is what all images give, byte for byte.
@Suite struct MergeTests {
    private static let data = ["--data", "x-images-idx3-ubyte"]

    /// Two networks, and 200 grey images of noise with labels: seven batches, the last one short.
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder(fixtures: "torchvision-resnet18", "torchvision-resnet18-bn")
        try CommandLineTool.succeed(
            ["torchvision-resnet18.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "-o", "mod.onnx", "-q"],
            in: folder)
        var state: UInt32 = 1
        let pixels = (0..<(200 * 40 * 40)).map { _ -> UInt8 in
            state = state &* 1_664_525 &+ 1_013_904_223
            return UInt8(state >> 24)
        }
        try folder.write(
            Data([0, 0, 8, 3, 0, 0, 0, 200, 0, 0, 0, 40, 0, 0, 0, 40] + pixels), "x-images-idx3-ubyte")
        try folder.write(
            Data([0, 0, 8, 1, 0, 0, 0, 200] + (0..<200).map { UInt8($0 % 10) }), "y-labels-idx1-ubyte")
        return folder
    }

    private static func evaluation(_ options: [String]) -> [String] {
        ["evaluate", "torchvision-resnet18.onnx", "mod.onnx"] + data + options
    }

    @Test(
        "The table and the document of all parts are those of one evaluation",
        arguments: [
            [], ["--labels", "y-labels-idx1-ubyte"],
            ["--labels", "y-labels-idx1-ubyte", "--limit", "150", "--mean", "0.3"],
        ])
    func parts(_ options: [String]) throws {
        let folder = try folder()
        let whole = Self.evaluation(options)
        let table = try CommandLineTool.succeed(whole + ["--json", "whole.json"], in: folder)
        for index in 1...3 {
            try CommandLineTool.succeed(
                whole + ["--shard", "\(index)/3", "--threads", "\(index)", "--json", "\(index).json", "-q"],
                in: folder)
        }
        let merged = try CommandLineTool.succeed(
            ["merge", "3.json", "1.json", "2.json", "--json", "merged.json"], in: folder)
        #expect(merged == table)
        #expect(try folder.contents("merged.json") == folder.contents("whole.json"))
        let only = try CommandLineTool.succeed(["merge", "2.json", "3.json", "1.json", "--json"], in: folder)
        #expect(try Data(only.utf8) == folder.contents("whole.json"))
        #expect(try folder.contents("1.json") != folder.contents("2.json"))
    }

    @Test("A part says which it is")
    func table() throws {
        let options = Self.evaluation(["--labels", "y-labels-idx1-ubyte", "--shard", "2/3"])
        let text = try CommandLineTool.succeed(options, in: folder())
        #expect(text.contains("64 images") && text.contains("2 of 3, of 200 images"))
    }

    @Test("What is not one evaluation's parts, each once, is refused in one line")
    func refusals() throws {
        let folder = try folder()
        func evaluate(_ file: String, _ options: [String], models: [String] = ["torchvision-resnet18.onnx"])
            throws
        {
            try CommandLineTool.succeed(
                ["evaluate"] + models + Self.data + options + ["--json", file, "-q"], in: folder)
        }
        try evaluate("1.json", ["--shard", "1/2"])
        try evaluate("2.json", ["--shard", "2/2"])
        try evaluate("again.json", ["--shard", "1/2"])
        try evaluate("thirds.json", ["--shard", "2/3"])
        try evaluate("whole.json", [])
        try evaluate("model.json", ["--shard", "2/2"], models: ["torchvision-resnet18-bn.onnx"])
        try evaluate("labels.json", ["--shard", "2/2", "--labels", "y-labels-idx1-ubyte"])
        try evaluate("scale.json", ["--shard", "2/2", "--std", "0.5"])
        try evaluate("limit.json", ["--shard", "2/2", "--limit", "100"])
        let part = try String(decoding: folder.contents("2.json"), as: UTF8.self)
        for (name, text) in [
            ("more", part.replacing(/"agreeing" : \d+/, with: "\"agreeing\" : 9000")),
            ("large", part.replacing(/"(cosine_sum|samples)" : \d+/) { "\"\($0.1)\" : \(Int.max)" }),
            ("beyond", part.replacing(/"index" : 2/, with: "\"index\" : 3")),
            ("lost", part.replacing(/"samples" : 96/, with: "\"samples\" : 95")),
            ("kind", part.replacing("evaluation/1", with: "evaluation/9")), ("nothing", ""),
        ] {
            try folder.write(Data(text.utf8), "\(name).json")
        }
        #expect(part.contains("\"samples\" : 96"))
        let merges: [(status: Int32, files: [String])] =
            [
                (65, ["1.json"]), (65, ["1.json", "2.json", "again.json"]), (65, ["1.json", "thirds.json"]),
                (65, ["whole.json"]), (65, ["torchvision-resnet18.onnx"]), (66, ["1.json", "none.json"]),
            ]
            + ["model", "labels", "scale", "limit", "more", "large", "beyond", "lost", "kind", "nothing"].map
        {
            (65, ["1.json", "\($0).json"])
        }
        let lines =
            try merges.map { try CommandLineTool.fail(["merge"] + $0.files, $0.status, in: folder) }
            + [
                ["merge", "1.json", "2.json", "--json", "1.json"], Self.evaluation(["--shard", "3/2"]),
                Self.evaluation(["--shard", "half"]), Self.evaluation(["--shard", "9/9"]),
                Self.evaluation(["--shard", "1/2", "--time"]),
                Self.evaluation(["--shard", "1/2", "--routing", "r.json"]),
            ].map { try CommandLineTool.fail($0, 64, in: folder) }
        try expectSnapshot(lines.joined(), "merge-errors")
    }
}
