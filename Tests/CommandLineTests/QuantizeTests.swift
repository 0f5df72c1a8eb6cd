import Foundation
import TestSupport
import Testing

/// `quantize`, and `convert --int8`, on networks trained on Fashion-MNIST.
@Suite struct QuantizeTests {
    private static let scale = ["--mean", "0.2860", "--std", "0.3530"]
    private static let few = ["--calibrate", "images-idx3-ubyte", "--calibrate-samples", "16"] + scale

    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, path) in [
            ("fashion.onnx", "trained/fashion-basic.onnx"),
            ("images-idx3-ubyte", "images/fashion/calibration-images-idx3-ubyte"),
            ("test-images-idx3-ubyte", "images/fashion/test-images-idx3-ubyte"),
            ("test-labels-idx1-ubyte", "images/fashion/test-labels-idx1-ubyte"),
        ] {
            try folder.write(Data(contentsOf: Repository.root.appending(path: "fixtures/\(path)")), name)
        }
        return folder
    }

    @Test(
        "A trained network becomes integers, the same bytes at any number of threads, and keeps its accuracy")
    func trained() throws {
        struct Evaluation: Decodable {
            struct Model: Decodable { let topOne: Double, agreement: Double }
            let models: [Model]
        }
        let folder = try folder()
        let text = try CommandLineTool.succeed(
            ["quantize", "fashion.onnx"] + Self.few + ["--threads", "1"], in: folder
        ).unwrapped
        #expect(text.contains("integers are those of the definition: 34 values"))
        #expect(text.contains("22 layers, uint8 activations, int8 weights (gram, range neighbours)"))
        #expect(text.contains("100.0 % of 12.98 M"))
        #expect(text.contains("images that no fit saw (same class as the float network)"))
        try CommandLineTool.succeed(
            ["quantize", "fashion.onnx", "b.onnx"] + Self.few + ["--threads", "2", "-q", "--no-verify"],
            in: folder)
        #expect(try folder.contents("fashion.int8.onnx") == folder.contents("b.onnx"))
        #expect(try folder.contents("b.onnx").count * 3 < folder.contents("fashion.onnx").count)
        try CommandLineTool.succeed(["verify", "fashion.onnx", "b.onnx", "--samples", "2", "-q"], in: folder)
        let result = try CommandLineTool.succeed(
            [
                "evaluate", "fashion.onnx", "b.onnx", "--data", "test-images-idx3-ubyte", "--json",
            ] + Self.scale, in: folder)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let models = try decoder.decode(Evaluation.self, from: Data(result.utf8)).models
        #expect(models[1].agreement >= 0.97)
        #expect(abs(models[0].topOne - models[1].topOne) <= 0.02)
    }

    @Test("A file of opset 9 with its softmax is raised to the opset that integers need")
    func raised() throws {
        let folder = try folder()
        let source = Repository.root.appending(path: "fixtures/models/caffe2-bottleneck/model.onnx")
        try folder.write(Data(contentsOf: source), "old.onnx")
        let text = try CommandLineTool.succeed(
            ["quantize", "old.onnx", "--calibrate-samples", "8"], in: folder
        ).unwrapped
        #expect(text.contains("opset raised from 9 to 13"))
        try CommandLineTool.succeed(["verify", "old.onnx", "old.int8.onnx", "-q"], in: folder)
    }

    @Test("A conversion may end in integers; what explain says of it makes it again")
    func converted() throws {
        struct Report: Decodable {
            struct Layer: Decodable { let name: String }
            struct Quantization: Decodable {
                let layers: [Layer]
                let int8Macs: Int
                let weightRange: String
            }
            struct Totals: Decodable { let macs: Int }
            let quantization: Quantization
            let after: Totals
        }
        let folder = try folder()
        let text = try CommandLineTool.succeed(
            ["fashion.onnx", "--mod-ratio", "0.5", "--int8", "--weight-range", "half", "--json"] + Self.few,
            in: folder)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let report = try decoder.decode(Report.self, from: Data(text.utf8))
        #expect(report.quantization.layers.count == 22)
        #expect(report.quantization.weightRange == "half")
        #expect(report.quantization.int8Macs == report.after.macs)
        #expect(folder.exists("fashion.mod-0.5.int8.onnx"))
        let told = try CommandLineTool.succeed(["explain", "fashion.mod-0.5.int8.onnx"], in: folder).unwrapped
        #expect(told.contains("4 residual blocks were reduced"))
        #expect(
            told.contains("weights int8 up to 63 with a scale for each output"))
        #expect(told.contains("Ranges were chosen on the same images"))
        #expect(told.contains("--int8 --weight-range half -o"))
    }

    @Test("What the JSON document says of scales, layers and images")
    func document() throws {
        let folder = try folder()
        let text = try CommandLineTool.succeed(
            [
                "quantize", "fashion.onnx", "--rounding", "nearest", "--max-drop", "20%", "--json",
                "report.json",
            ]
                + Self.few, in: folder)
        #expect(text.contains("int8 MACs"))
        let object = try #require(
            try JSONSerialization.jsonObject(with: folder.contents("report.json")) as? [String: Any])
        #expect(object["schema"] as? String == "modconvert.quantization/1")
        #expect(object["rounding"] as? String == "nearest")
        #expect(object["output"] as? String == "fashion.int8.onnx")
        #expect((object["float_layers"] as? [String])?.isEmpty == true)
        let scales = try #require(object["scales"] as? [[String: Any]])
        #expect(scales.reduce(0) { $0 + (($1["values"] as? [String])?.count ?? 0) } == 34)
        #expect(scales.allSatisfy { ($0["scale"] as? Double ?? 0) > 0 })
        let calibration = try #require(object["calibration"] as? [String: Any])
        #expect(calibration["is_held_out"] as? Bool == true)
        let checks = try #require((object["verification"] as? [String: Any])?["checks"] as? [[String: Any]])
        #expect(checks.count == 7)
    }

    @Test("Wrong use is one line, word for word, and leaves nothing")
    func errors() throws {
        let folder = try folder()
        for (name, path) in [
            ("half.onnx", "models/fp16-bottleneck/model.onnx"), ("qdq.onnx", "quantized/networks/qdq.onnx"),
            ("qoperator.onnx", "quantized/networks/qoperator.onnx"), ("colour.jpg", "images/rgb.jpg"),
            ("open.onnx", "models/torchvision-symbolic-size/model.onnx"),
        ] {
            try folder.write(Data(contentsOf: Repository.root.appending(path: "fixtures/\(path)")), name)
        }
        try folder.write(Data("no images".utf8), "text.npy")
        try folder.makeFolder("empty")
        let before = folder.names
        let images = Self.few
        let cases: [(Int32, [String])] = [
            (64, ["quantize"]),
            (66, ["quantize", "missing.onnx"]),
            (66, ["quantize", "fashion.onnx", "--calibrate", "missing.npy"]),
            (65, ["quantize", "fashion.onnx", "--calibrate", "text.npy"] + Self.scale),
            (66, ["quantize", "fashion.onnx", "--calibrate", "empty"] + Self.scale),
            (64, ["quantize", "fashion.onnx"]),
            (64, ["quantize", "fashion.onnx", "--calibrate", "images-idx3-ubyte"]),
            (64, ["quantize", "fashion.onnx", "--rounding", "up"] + images),
            (64, ["quantize", "fashion.onnx", "--max-drop", "200%"] + images),
            (64, ["quantize", "fashion.onnx", "a.onnx", "-o", "b.onnx"] + images),
            (64, ["quantize", "fashion.onnx", "-o", "fashion.onnx"] + images),
            (73, ["quantize", "fashion.onnx", "-o", "half.onnx"] + images),
            (73, ["quantize", "fashion.onnx", "-o", "nowhere/b.onnx"] + images),
            (65, ["quantize", "half.onnx"]),
            (65, ["quantize", "qdq.onnx"]),
            (65, ["quantize", "qoperator.onnx"]),
            (65, ["quantize", "open.onnx"]),
            (65, ["convert", "qoperator.onnx", "--mod-ratio", "0.5"]),
            (64, ["convert", "fashion.onnx", "--mod-ratio", "0.5", "--weight-range", "half"] + images),
            (64, ["convert", "fashion.onnx", "--mod-ratio", "0.5", "--recipe", "paper", "--int8"]),
        ]
        let lines = try cases.map { status, arguments in
            "\(arguments.joined(separator: " "))\n  \(status): "
                + (try CommandLineTool.fail(arguments, status, in: folder))
        }
        try expectSnapshot(lines.joined(), "quantize-errors")
        #expect(folder.names == before)
    }
}
