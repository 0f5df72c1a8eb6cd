import ArgumentParser
import Measurement
import Report

/// `modconvert profile`: where a model's time goes.
struct Profile: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Show where a model's time goes, layer by layer.",
        discussion: """
            Each layer's time, its rate, and what share that is of the machine's peaks, which are measured \
            on the spot: fused multiply-adds on registers, and reading from memory beyond the last cache. \
            A layer whose operands lie in a cache can exceed the latter; one whose kernel saves multiplications \
            (Winograd) can exceed the former.
            """)

    @Argument(help: "The ONNX file.", completion: .model)
    var model: String

    @OptionGroup var count: RunCountOptions
    @OptionGroup var options: MeasurementOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [model])
        let measured = try console.step("loading \(model)") {
            try MeasuredModel(path: model, options, limits)
        }
        let peak = console.step("measuring the machine") {
            MachinePeak.measure(threads: options.threads.count)
        }
        let profile = try console.step("measuring \(model)") {
            try about(model) {
                _ = try measured.session.profile(measured.inputs, runs: AlternatingRuns(rounds: 0).warmUp)
                return try measured.session.profile(measured.inputs, runs: count.runs)
            }
        }
        let report = ProfileReport(
            file: model, batch: measured.batch, graph: measured.graph, profile: profile, peak: peak)
        try console.show(report.text)
        try console.write(json: report)
    }
}
