import Foundation
import TestSupport
import Testing

/// Quantised files, this tool's and others', in every command that takes a model.
@Suite struct QuantizedFileTests {
    /// A way to a quantised file of torchvision-opset17.
    struct Quantizer: Sendable, CustomStringConvertible {
        let description: String
        /// The words that make `int8.onnx` from `source.onnx`; nil for a file of `fixtures/quantized/networks`.
        let words: [String]?
        /// The operators that the optimiser must keep, as many as there are.
        let pairs: [String]

        static let qdq = ["QuantizeLinear", "DequantizeLinear", "Conv", "Gemm", "Add"]

        static let all = [
            Quantizer(description: "quantize", words: ["quantize", "source.onnx", "int8.onnx"], pairs: qdq),
            Quantizer(
                description: "convert --int8",
                words: ["convert", "source.onnx", "int8.onnx", "--mod-ratio", "0.5", "--int8"],
                pairs: qdq + ["Where", "Concat"]),
            Quantizer(
                description: "convert --int8, routed, with a bias",
                words: [
                    "convert", "source.onnx", "int8.onnx", "--mod-ratio", "0.25", "--router", "topk",
                    "--route", "channels", "--dynamic-bias", "8", "--int8",
                ], pairs: qdq),
            Quantizer(description: "qdq", words: nil, pairs: qdq),
            Quantizer(description: "nncf", words: nil, pairs: qdq),
            Quantizer(
                description: "qoperator", words: nil,
                pairs: [
                    "QuantizeLinear", "QLinearConv", "com.microsoft.QLinearAdd",
                    "com.microsoft.QLinearGlobalAveragePool", "com.microsoft.QGemm", "DequantizeLinear",
                ]),
        ]

        /// A folder with `source.onnx`, `int8.onnx` and two images.
        func folder() throws -> TemporaryFolder {
            let folder = try TemporaryFolder()
            let fixtures = Repository.root.appending(path: "fixtures")
            func copy(_ path: String, _ name: String) throws {
                try folder.write(Data(contentsOf: fixtures.appending(path: path)), name)
            }
            try copy("models/torchvision-opset17/model.onnx", "source.onnx")
            try folder.makeFolder("images")
            for name in ["rgb.jpg", "rgb.png"] { try copy("images/\(name)", "images/\(name)") }
            if let words {
                try CommandLineTool.succeed(
                    words + ["--calibrate-samples", "8", "-q", "--no-verify"], in: folder)
            } else {
                try copy("quantized/networks/\(description).onnx", "int8.onnx")
            }
            return folder
        }
    }

    private struct Inspection: Decodable {
        let operators: [String: Int]
        let totalMacs: Int
    }

    private struct Costs: Decodable {
        let totalMacs: Int
        let int8Macs: Int
    }

    private struct Explanation: Decodable {
        let command: [String]
        let sentences: [String]
    }

    private struct Evaluation: Decodable {
        struct Model: Decodable { let agreement: Double, meanCosine: Double }
        let models: [Model]
    }

    private static func json<Value: Decodable>(
        _ type: Value.Type, _ arguments: [String], in folder: TemporaryFolder
    ) throws -> Value {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let text = try CommandLineTool.succeed(arguments + ["--json"], in: folder)
        return try decoder.decode(type, from: Data(text.utf8))
    }

    @Test("Every command takes it, and says what is true of it", arguments: Quantizer.all)
    func isTaken(_ quantizer: Quantizer) throws {
        let folder = try quantizer.folder()
        try Self.expectAnswers(quantizer, in: folder)
        try Self.expectOptimisation(quantizer, in: folder)
        try Self.expectExplanation(quantizer, in: folder)
    }

    /// The commands that read a model and say something of it.
    private static func expectAnswers(_ quantizer: Quantizer, in folder: TemporaryFolder) throws {
        func succeed(_ arguments: String...) throws -> String {
            try CommandLineTool.succeed(arguments, in: folder).unwrapped
        }

        let inspection = try json(Inspection.self, ["inspect", "int8.onnx"], in: folder)
        #expect(quantizer.pairs.allSatisfy { inspection.operators[$0, default: 0] > 0 })
        #expect(!(try succeed("inspect", "int8.onnx")).contains("holds"))
        let costs = try json(Costs.self, ["macs", "int8.onnx"], in: folder)
        #expect(costs.totalMacs == inspection.totalMacs)
        // Selectors stay in float.
        #expect(costs.int8Macs * 100 >= costs.totalMacs * 98)

        // Two spellings of one network at least agree in most of the direction of their answers.
        let evaluation = try json(
            Evaluation.self, ["evaluate", "source.onnx", "int8.onnx", "--data", "images"], in: folder)
        #expect(evaluation.models[1].meanCosine > 0.95)
        #expect(evaluation.models[0].agreement == 1)

        let verification = try succeed("verify", "source.onnx", "int8.onnx")
        #expect(verification.contains("integers are those of the definition"))
        #expect(!verification.contains("failed"))

        #expect(try succeed("run", "int8.onnx", "--input", "images/rgb.png").contains("float[1x10]"))
        #expect(try succeed("bench", "int8.onnx", "source.onnx", "--runs", "2").contains("int8.onnx"))
        #expect(try succeed("profile", "int8.onnx", "--runs", "2").contains("int8"))

        #expect(try succeed("compare", "int8.onnx", "int8.onnx").contains("no value diverges"))
        let comparison = try CommandLineTool.run(["compare", "source.onnx", "int8.onnx"], in: folder)
        #expect(comparison.status == 1 && comparison.errorLines.count == 1)
        #expect(try succeed("diff", "int8.onnx", "int8.onnx").contains("the same"))
        let difference = try CommandLineTool.run(["diff", "source.onnx", "int8.onnx"], in: folder)
        #expect(difference.status == 1 && difference.errorLines.count == 1)
        #expect(!difference.output.unwrapped.contains("operator MaxPool ->"))
    }

    /// `optimize` keeps every pair and every bit, at any batch.
    private static func expectOptimisation(_ quantizer: Quantizer, in folder: TemporaryFolder) throws {
        try CommandLineTool.succeed(["optimize", "int8.onnx", "-o", "small.onnx", "-q"], in: folder)
        let counts = try ["int8.onnx", "small.onnx"].map {
            try json(Inspection.self, ["inspect", $0], in: folder).operators
        }
        for name in quantizer.pairs { #expect(counts[0][name] == counts[1][name], "\(name)") }
        for shape in ["1x3x32x32", "3x3x32x32"] {
            for name in ["int8", "small"] {
                try CommandLineTool.succeed(
                    [
                        "run", "\(name).onnx", "--fill", "random", "--input-shape", shape, "-o",
                        "\(name).npz", "--force", "-q",
                    ], in: folder)
            }
            #expect(try folder.contents("int8.npz") == folder.contents("small.npz"))
        }
    }

    /// What `explain` says of this tool's files makes them again; of others it says that it cannot.
    private static func expectExplanation(_ quantizer: Quantizer, in folder: TemporaryFolder) throws {
        guard quantizer.words != nil else {
            let line = try CommandLineTool.fail(["explain", "int8.onnx"], 64, in: folder)
            #expect(line.contains("has no manifest"))
            return
        }
        let explanation = try json(
            Explanation.self, ["explain", "int8.onnx", "--source", "source.onnx"], in: folder)
        #expect(explanation.sentences.contains { $0.contains("weights int8 up to 127") })
        try CommandLineTool.succeed(
            Array(explanation.command.dropFirst()) + ["-q", "--no-verify"], in: folder)
        #expect(try folder.contents("int8.again.onnx") == folder.contents("int8.onnx"))
    }

    @Test("What explain says of a converted file that was quantised later makes it again, with every option")
    func explainedOptions() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-symbolic-size")
        let source = "torchvision-symbolic-size.onnx"
        let few = ["--calibrate-samples", "8", "-q", "--no-verify"]
        try CommandLineTool.succeed(
            [
                "convert", source, "mod.onnx", "--mod-ratio", "0.5", "--input-shape", "Nx3x32x32",
                "--dynamic-bias", "32",
            ] + few, in: folder)
        try CommandLineTool.succeed(
            [
                "quantize", "mod.onnx", "int8.onnx", "--rounding", "nearest", "--weight-range", "half",
                "--target", "tensorrt", "--max-drop", "50%", "--input-shape", "2x3x32x32",
                "--preprocess", "caffe", "--seed", "7",
            ] + few, in: folder)
        let text = try CommandLineTool.succeed(["explain", "int8.onnx", "--source", "mod.onnx"], in: folder)
        try expectSnapshot(
            text.replacing(/SHA-256 [0-9a-f]{64}/, with: "SHA-256 #"), "explain-quantized")
        let command = try #require(text.split(separator: "\n").last).split(separator: " ").map(String.init)
        try CommandLineTool.succeed(Array(command.dropFirst()) + ["-q", "--no-verify"], in: folder)
        #expect(try folder.contents("int8.again.onnx") == folder.contents("int8.onnx"))
        let line = try CommandLineTool.fail(
            ["explain", "int8.onnx", "--source", source, "-q"], 1, in: folder)
        #expect(line.contains("\(source): is not the file that int8.onnx was made from"))
    }
}
