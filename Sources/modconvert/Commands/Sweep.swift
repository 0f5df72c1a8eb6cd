import ArgumentParser
import Calibration
import Conversion
import GraphIR
import MixtureOfDepths
import Operators
import Report
import Runtime

/// `modconvert sweep`: the trade-off between work and accuracy.
struct Sweep: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep",
        abstract: "Measure what reducing a network costs, by ratio and by kind.",
        discussion: """
            Converts the network with each ratio, with hidden units that are routed, fixed, or whichever errs \
            less, and with the blocks dropped; compares each result with the source on --data. Nothing but the \
            report is written. The images of --data must not be those of --calibrate.
            """)

    @Argument(help: "The ONNX file of a trained network.")
    var model: String

    @Option(help: ArgumentHelp("The ratios, as 1/8,0.25,0.5.", valueName: "r,..."))
    var ratios = RatioList.usual

    @Option(help: ArgumentHelp("Which blocks are reduced, as for convert.", valueName: "blocks"))
    var blocks = BlockSelection.alternate

    @Option(help: ArgumentHelp("Images to compare on, as for evaluate.", valueName: "data"))
    var data: String

    @Option(help: ArgumentHelp("The class of each image, as for evaluate.", valueName: "file"))
    var labels: String?

    @Option(help: ArgumentHelp("Use the first images of --data only.", valueName: "n"))
    var limit: Int?

    @Option(help: "Seed of the choice of calibration images.")
    var seed: UInt64 = 0

    @OptionGroup var shapes: InputShapeOptions
    @OptionGroup(title: "Calibration") var calibration: CalibrationArguments
    @OptionGroup(title: "Calibration") var units: UnitsArguments
    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var page: ReportOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        guard limit ?? 1 >= 1 else { throw ValidationError("--limit takes a number of at least 1") }
        guard units.fusion == nil || units.route == .channels else {
            throw ValidationError("--fusion goes with --route channels")
        }
    }

    func run() throws {
        let console = Console(results)
        try results.json?.check(against: [model])
        try page.check(against: [model])
        let source = try ConversionSource(path: model, limits: limits.reading, threads: threads.count)
        let graph = try about(model) { try shapes.apply(to: source.model).graph }
        let all = try about(data) { try ImageData.read(data, for: graph, images.record) }
        let labels = try self.labels.map(Labels.read) ?? all.labels
        let chosen = FirstImages(all.images, limit: limit ?? .max)
        let calibrated = calibration.data.record(images, for: graph)
        let rows = try about(model) {
            try console.progress("sweeping") { report in
                try self.rows(source, calibrated, chosen, labels, console, report)
            }
        }
        let report = SweepReport(
            source: model, calibration: calibrated.source, data: data,
            samples: chosen.count, threads: threads.count, convention: MACCount.Convention.strict.text,
            rows: rows)
        try console.show(report.text)
        try console.write(json: report)
        let page = SweepPage(report, command: CommandWords.current)
        try self.page.write(self.page.report?.hasSuffix(".svg") == true ? page.svg : page.html)
    }

    /// One way to reduce the network.
    private struct Way {
        let kind: String
        let ratio: ModRatio?
        let goal: CalibratedRecipe.Goal
    }

    /// Every ratio with every chooser, and the network with its blocks dropped.
    private var ways: [Way] {
        let units: BlockReduction.Units =
            self.units.route == .channels ? .channels(self.units.fusion ?? .all) : .hidden
        let isOfChannels = self.units.route == .channels
        let choosers: [(String, BlockReduction.RouterChoice)] =
            [("auto", .auto), ("routed", .topk), ("fixed", .fixed)]
            + (isOfChannels ? [("paired", .pairs)] : [])
        let reduced = ratios.values.flatMap { ratio in
            choosers.map { kind, router in
                Way(kind: kind, ratio: ratio, goal: .share(ratio, BlockReduction(units, router: router)))
            }
        }
        return reduced + [Way(kind: "dropped", ratio: nil, goal: .dropped)]
    }

    /// The source's row, and one for each way to reduce it.
    private func rows(
        _ source: ConversionSource, _ calibrated: CalibrationData, _ images: FirstImages, _ labels: [Int]?,
        _ console: Console,
        _ report: (String, Double) -> Void
    ) throws -> [SweepReport.Row] {
        let settings = CalibrationSettings(threads: threads.count, limits: limits.running)
        var rows: [SweepReport.Row] = []
        for (index, way) in ways.enumerated() {
            report("\(way.kind) \(way.ratio?.description ?? "")", Double(index) / Double(ways.count))
            let recipe = CalibratedRecipe(
                way.goal, weights: calibration.weights, images: calibrated,
                bias: way.ratio == nil ? nil : calibration.dynamicBias)
            let request = ConversionRequest(
                .calibrated(recipe, on: blocks), seed: seed, inputShapes: shapes.inputShape)
            let network = try CanonicalNetwork(source, request)
            let converted = try network.planned().fitted(settings).converted()
            let graphs = [network.sourceModel.graph, converted.graph]
            let evaluation = try Evaluation(
                graphs, images: images, labels: labels, threads: threads.count, limits: limits.running)
            let times = try SpeedComparison.milliseconds(
                graphs, images: images, threads: threads.count, limits: limits.running)
            if rows.isEmpty { rows.append(row("source", nil, graphs[0], evaluation.results[0], times[0])) }
            // Relative to the source's first time: the machine's speed may change during a sweep.
            let time = times[1] * rows[0].milliseconds / times[0]
            rows.append(row(way.kind, way.ratio, graphs[1], evaluation.results[1], time))
        }
        return rows
    }

    private func row(
        _ kind: String, _ ratio: ModRatio?, _ graph: Graph, _ result: EvaluationCounts, _ time: Double
    ) -> SweepReport.Row {
        SweepReport.Row(
            kind: kind, ratio: ratio, macs: MACCount(graph).total(.strict),
            milliseconds: time, agreement: result.agreement.share, topOne: result.topOneShare?.share,
            topOneInterval: result.topOneShare?.interval)
    }
}

/// Ratios such as `1/8,0.25,0.5`.
struct RatioList: ExpressibleByArgument {
    let values: [ModRatio]

    static let usual = RatioList(values: ["1/8", "0.25", "0.5", "0.75"].compactMap(ModRatio.init))

    init(values: [ModRatio]) { self.values = values }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false)
        values = parts.compactMap { ModRatio(String($0)) }
        guard values.count == parts.count, !values.contains(where: \.isIdentity) else { return nil }
    }

    var defaultValueDescription: String { values.map(\.description).joined(separator: ",") }
}
