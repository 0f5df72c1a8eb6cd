import ArgumentParser
import Measurement
import Report

/// `modconvert bench`: how fast a model runs, and whether another one is faster.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a model runs, or two models against each other.",
        discussion: """
            Two models run in turn in one process, so that what disturbs the machine disturbs both. The \
            ratio is taken pair by pair; a difference is called one only if the 95 % confidence interval of \
            the ratios' median leaves 1 out.
            """)

    @Argument(help: "The ONNX file.", completion: .model)
    var model: String

    @Argument(help: "The ONNX file to compare it with.", completion: .model)
    var other: String?

    @OptionGroup var count: RunCountOptions
    @OptionGroup var options: MeasurementOptions

    @Flag(
        help:
            "Make one run for each line on standard input, and print its milliseconds: so a program that measures something else can alternate with this one."
    )
    var paced = false

    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if paced, other != nil { throw ValidationError("--paced takes one model") }
    }

    func run() throws {
        let console = Console(output)
        let paths = [model] + [other].compactMap { $0 }
        try output.json?.check(against: paths)
        let models = try paths.map { path in
            try console.step("loading \(path)") { try MeasuredModel(path: path, options, limits) }
        }
        if paced { return try follow(models[0]) }
        let runs = AlternatingRuns(rounds: count.runs)
        let seconds = try console.step("measuring") {
            try runs.measure(models.map { model in { try model.run() } })
        }
        let report = BenchReport(
            zip(models, seconds).map {
                BenchReport.Subject(file: $0.path, batch: $0.batch, firstAnswer: $0.firstAnswer, seconds: $1)
            }, warmUp: runs.warmUp, threads: options.threads.count)
        try console.show(report.text)
        try console.write(json: report)
    }

    /// The protocol of `--paced`: `ready` after the warm-up, then a line for each line.
    private func follow(_ model: MeasuredModel) throws {
        _ = try AlternatingRuns(rounds: 0).measure([{ try model.run() }])
        try StandardOutput.write("ready\n")
        while readLine() != nil {
            let seconds = try AlternatingRuns(warmUp: 0, rounds: 1).measure([{ try model.run() }])
            try StandardOutput.write("\(seconds[0][0] * 1000)\n")
        }
    }
}
