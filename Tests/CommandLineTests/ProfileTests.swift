import Foundation
import Testing

@Suite struct ProfileTests {
    struct Rate: Decodable {
        let ms, time_share, gflops, share_of_peak, gbytes_per_second, share_of_bandwidth: Double
    }
    struct Layer: Decodable {
        let name: String
        let operators: [String]
        let kernel: String
        let macs, bytes: Int
        let rate: Rate
    }
    struct Kernel: Decodable {
        let kernel: String
        let steps: Int
        let rate: Rate
    }
    struct Peak: Decodable { let gflops, int8_gops, gbytes_per_second: Double }
    struct Report: Decodable {
        let threads, runs, batch: Int
        let instruction_set: String
        let total_ms, min_ms, max_ms, gflops, share_of_peak: Double
        let peak: Peak
        let peak_activation_bytes: Int
        let layers: [Layer]
        let kernels: [Kernel]
    }

    @Test("Every layer with time, work and kernel; kernels and totals are their sums")
    func json() throws {
        let folder = try TemporaryFolder(fixtures: "torchvision-opset17")
        let text = try CommandLineTool.succeed(
            [
                "profile", "torchvision-opset17.onnx", "--runs", "3", "--threads", "1", "--batch", "2",
                "--json",
            ],
            in: folder)
        let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
        #expect((report.threads, report.runs, report.batch) == (1, 3, 2))
        #expect(report.min_ms <= report.total_ms && report.total_ms <= report.max_ms)
        #expect(report.peak.gflops > 0 && report.peak.int8_gops > 0 && report.peak.gbytes_per_second > 0)
        #expect(report.peak_activation_bytes > 0)
        // Twice the multiply-accumulates of one sample.
        struct Costs: Decodable { let total_macs: Int }
        let macs = try CommandLineTool.succeed(["macs", "torchvision-opset17.onnx", "--json"], in: folder)
        let costs = try JSONDecoder().decode(Costs.self, from: Data(macs.utf8))
        #expect(report.layers.map(\.macs).reduce(0, +) == 2 * costs.total_macs)
        #expect(report.kernels.map(\.steps).reduce(0, +) == report.layers.count)
        #expect(abs(report.kernels.map(\.rate.time_share).reduce(0, +) - 1) < 1e-6)
        #expect(report.layers.contains { $0.operators.first == "Conv" && $0.rate.gflops > 0 })
    }

    @Test("The table names layers, kernels and the machine's peaks")
    func table() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-a")
        let text = try CommandLineTool.succeed(
            ["profile", "cifar-option-a.onnx", "--runs", "2", "--threads", "1"], in: folder)
        for word in ["layer", "Gop/s", "of peak", "of memory", "machine", "activations", "convention"] {
            #expect(text.contains(word))
        }
    }

    @Test("Errors are one line with the exit code of their kind")
    func errors() throws {
        let folder = try TemporaryFolder(fixtures: "cifar-option-a")
        try CommandLineTool.fail(["profile", "cifar-option-a.onnx", "--runs", "-1"], 64, in: folder)
        try CommandLineTool.fail(["profile", "cifar-option-a.onnx", "--threads", "0"], 64, in: folder)
        try CommandLineTool.fail(["profile", "missing.onnx"], 66, in: folder)
    }
}
