import Foundation
import TestSupport
import Testing

@Suite struct BenchTests {
    struct Times: Decodable {
        let file: String, batch: Int, median_ms, min_ms, max_ms, first_answer_ms: Double
    }
    struct Ratio: Decodable { let median, low, high, confidence: Double }
    struct Report: Decodable {
        let a: Times
        let b: Times?
        let ratio: Ratio?
        let verdict: String?
        let runs, warm_up, threads: Int
    }

    private static func bench(_ arguments: [String], in folder: TemporaryFolder) throws -> Report {
        let text = try CommandLineTool.succeed(["bench"] + arguments + ["--json"], in: folder)
        return try JSONDecoder().decode(Report.self, from: Data(text.utf8))
    }

    @Test("Two models: times of both, their ratio with its interval, a verdict")
    func pair() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17", "cifar-option-a")
        let report = try Self.bench(
            ["torchvision-opset17.onnx", "cifar-option-a.onnx", "--runs", "7", "--threads", "1"], in: folder)
        let b = try #require(report.b)
        for times in [report.a, b] {
            #expect(0 < times.min_ms && times.min_ms <= times.median_ms && times.median_ms <= times.max_ms)
            #expect(times.first_answer_ms > 0)
        }
        let ratio = try #require(report.ratio)
        #expect(ratio.low <= ratio.median && ratio.median <= ratio.high && ratio.confidence == 0.95)
        #expect(report.a.file == "torchvision-opset17.onnx" && b.file == "cifar-option-a.onnx")
        #expect((report.runs, report.warm_up, report.threads) == (7, 3, 1))
        let verdicts = ["a is faster", "b is faster", "no difference beyond the spread"]
        #expect(report.verdict.map(verdicts.contains) == true)
    }

    @Test("Few pairs carry no verdict")
    func fewPairs() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-a")
        let report = try Self.bench(
            ["cifar-option-a.onnx", "cifar-option-a.onnx", "--runs", "2"], in: folder)
        #expect(report.verdict == "too few pairs to tell")
    }

    @Test("One model has no ratio; its table has no times of another")
    func single() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-a")
        let report = try Self.bench(["cifar-option-a.onnx", "--runs", "2"], in: folder)
        #expect(report.b == nil && report.ratio == nil && report.verdict == nil)
        let text = try CommandLineTool.succeed(
            ["bench", "cifar-option-a.onnx", "--runs", "2", "--threads", "1"], in: folder)
        try expectSnapshot(text.maskingTimes, "bench")
    }

    @Test("A symbolic batch and a batch of 1 take any number, another fixed batch only its own")
    func batch() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17", "torchvision-batch4")
        try CommandLineTool.succeed(
            ["build", "resnet18", "--width", "4", "--input", "1x3x32x32", "-o", "one.onnx", "-q"], in: folder)
        for name in ["torchvision-opset17.onnx", "one.onnx"] {
            let report = try Self.bench([name, "--runs", "1", "--batch", "3"], in: folder)
            #expect(report.a.batch == 3)
        }
        let report = try Self.bench(["torchvision-batch4.onnx", "--runs", "1", "--batch", "4"], in: folder)
        #expect(report.a.batch == 4)
        let line = try CommandLineTool.fail(
            ["bench", "torchvision-batch4.onnx", "--batch", "3"], 64, in: folder)
        #expect(
            line == """
                modconvert: error: torchvision-batch4.onnx: --batch 3: the model's batch is fixed to 4; leave --batch out

                """)
    }

    @Test("A converted file of batch 1 whose gathers say the batch takes any number")
    func batchOfGathers() throws {
        let folder = try TemporaryFolder()
        let source = Repository.path("fixtures/cases/static_batch_opset11.onnx")
        try CommandLineTool.succeed(
            [source, "--recipe", "paper", "--mod-ratio", "0.5", "-o", "converted.onnx", "-q"], in: folder)
        let report = try Self.bench(["converted.onnx", "--runs", "1", "--batch", "3"], in: folder)
        #expect(report.a.batch == 3)
    }

    @Test("Errors are one line with the exit code of their kind")
    func errors() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-a")
        try folder.write(Data("no model".utf8), "text.onnx")
        try CommandLineTool.fail(["bench", "cifar-option-a.onnx", "--runs", "0"], 64, in: folder)
        try CommandLineTool.fail(["bench", "cifar-option-a.onnx", "--batch", "0"], 64, in: folder)
        try CommandLineTool.fail(["bench", "cifar-option-a.onnx", "a.onnx", "--paced"], 64, in: folder)
        try CommandLineTool.fail(
            ["bench", "cifar-option-a.onnx", "--json", "cifar-option-a.onnx"], 64, in: folder)
        try CommandLineTool.fail(["bench", "cifar-option-a.onnx", "text.onnx"], 65, in: folder)
        try CommandLineTool.fail(["bench", "missing.onnx"], 66, in: folder)
    }

    @Test("A paced run waits for lines, and ends with them")
    func paced() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-a")
        // The tests give no lines.
        let text = try CommandLineTool.succeed(["bench", "cifar-option-a.onnx", "--paced"], in: folder)
        #expect(text == "ready\n")
    }
}

extension String {
    /// The text with durations hidden, and columns, whose widths depend on them, one space apart.
    var maskingTimes: String {
        replacing(/\d+\.\d+ ms/, with: "#").replacing(#/ +/#, with: " ")
    }
}
