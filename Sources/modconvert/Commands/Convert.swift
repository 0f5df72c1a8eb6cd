import ArgumentParser
import Conversion
import GraphIR
import MixtureOfDepths
import Operators
import Passes
import Report
import Verification

/// `modconvert convert`: turns the source's blocks into MoD blocks.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a network's residual blocks into smaller ones.",
        discussion: """
            Prints every residual block with its verdict, verifies the result, and writes it if no check failed. \
            A file is taken as trained unless it is known not to be: its blocks compute fewer hidden units, and \
            weights are fitted to what the source computes on images, so that it goes on predicting. \
            --recipe paper makes the paper's blocks, which are to be trained. More options: --help-hidden.
            """)

    @Argument(
        help: ArgumentHelp(
            "The ONNX file to convert, and the one to write, as with -o; or several to convert, with --output-dir. - is standard input or output.",
            valueName: "model"), completion: .model)
    var models: [String]

    @OptionGroup(title: "Reduction") var ratio: RatioOptions

    @OptionGroup(title: "Reduction") var calibration: CalibrationArguments

    @OptionGroup(title: "Reduction") var reduction: ReductionArguments

    @OptionGroup(title: "Reduction") var units: UnitsArguments

    @OptionGroup(title: "Integers") var int8: Int8Arguments

    @OptionGroup(title: "Budget, in place of a ratio") var budget: BudgetArguments

    @OptionGroup(title: "For training") var recipe: RecipeArguments

    @OptionGroup(title: "For training") var training: TrainingArguments

    @OptionGroup(title: "Images") var images: ImageOptions

    @OptionGroup(title: "Output") var target: TargetArguments

    @OptionGroup(title: "Output") var batch: BatchArguments

    @OptionGroup(title: "Output") var output: ConvertOutput

    @OptionGroup(title: "Output") var writing: ModelOutputOptions

    @OptionGroup(title: "Output") var page: ReportOptions

    @OptionGroup(title: "Output") var results: OutputOptions

    @OptionGroup(title: "Run") var shapes: InputShapeOptions

    @OptionGroup(title: "Run") var seeding: SeedOptions

    @OptionGroup(title: "Run") var sampling: SamplingOptions

    @OptionGroup(title: "Run") var threads: ThreadOptions

    @OptionGroup(title: "Limits") var limits: LimitOptions

    /// The file to convert.
    var model: String { models.first ?? StandardStream.name }

    func validate() throws {
        guard !models.isEmpty else { throw ValidationError("name the ONNX file to convert") }
    }

    func run() throws {
        for place in try output.places(models, writesOther: !results.json.paths.isEmpty || page.report != nil)
        {
            var command = self
            (command.models, command.output.output) = ([place.model], place.output)
            try command.convert()
        }
    }

    private func convert() throws {
        let console = Console(results, textToError: output.writesToStandardOutput(model))
        let reading = Result {
            try console.step("reading \(model)") {
                try ConversionSource(
                    path: StandardStream.input(model), limits: limits.reading, threads: threads.count)
            }
        }
        // Errors in the options are reported before errors in the file.
        let resolution = try resolver.resolve { try reading.get().isUntrained }
        var request = resolution.request
        try int8.check(request.recipe)
        let destination = output.destination(
            of: model, request.recipe.goal + (int8.isAsked ? ".int8" : ""))
        try checkPlaces(destination)
        let source = try reading.get()
        if case .calibrated(var recipe, let blocks) = request.recipe {
            let graph = (try? shapes.apply(to: source.model).graph) ?? source.model.graph
            recipe.images = calibration.data.settled(recipe.images, for: graph)
            request.recipe = .calibrated(recipe, on: blocks)
        }
        try console.show("recipe  \(request.recipe.name): \(resolution.reason)\n")
        if let remark = resolution.targetRemark { try console.show("target  \(remark)\n") }
        try console.show("\n")
        if output.dryRun { return try plan(source, request, resolution.reason, console) }
        let network = try about(model) { try converted(source, request, console) }
        if !network.network.changedPasses.isEmpty {
            try console.detail(
                "canonicalised by \(network.network.changedPasses.joined(separator: ", "))\n\n")
        }
        let counts = ConversionReport.Counts(network)
        let ledger = LedgerReport(network, counts)
        try console.show(ledger.text(console.style) + "\n")
        let result = try about(model) { try quantized(network, request, console) }
        let finished = try output.verify ? verified(result, console) : result.unverified()
        try console.step("writing \(destination)") {
            try writing.write(finished.model, to: destination, madeFrom: source.model)
        }
        let report = ConversionReport(
            finished, source: model, output: destination, recipeReason: resolution.reason, ledger: ledger,
            counts)
        try console.show(report.text)
        try console.write(json: report)
        let costs = BlockCosts(
            source: network.network.canonical, converted: network.graph, manifest: network.manifest)
        try page.write(ConversionPage(report, costs: costs, command: CommandWords.current).html)
    }

    /// Shows what would be done.
    private func plan(
        _ source: ConversionSource, _ request: ConversionRequest, _ reason: String, _ console: Console
    ) throws {
        let planned = try about(model) { try CanonicalNetwork(source, request).planned() }
        let report = PlanReport(planned, source: model, recipeReason: reason)
        try console.show(report.text(console.style))
        try console.write(json: report)
    }

    /// The options that decide the request.
    var resolver: RecipeResolver {
        let all = GivenOptions()
        return RecipeResolver(
            all: all, modRatio: all.option("--mod-ratio", ratio.modRatio),
            modReduction: all.option("--mod-reduction", ratio.modReduction),
            targetMacs: all.option("--target-macs", budget.targetMacs),
            targetSpeedup: all.option("--target-speedup", budget.targetSpeedup),
            maxDrop: all.option("--max-drop", budget.maxDrop), drop: all.flag("--drop", reduction.drop),
            blocks: all.option("--blocks", reduction.blocks),
            roundTo: all.option("--round-to", reduction.roundTo),
            recipe: all.option("--recipe", recipe.recipe), router: all.option("--router", reduction.router),
            route: all.option("--route", units.route), fusion: all.option("--fusion", units.fusion),
            weights: all.option("--weights", calibration.weights),
            dynamicBias: all.option("--dynamic-bias", calibration.dynamicBias),
            calibrate: all.option("--calibrate", calibration.data.calibrate),
            calibrateSamples: all.option("--calibrate-samples", calibration.data.calibrateSamples),
            images: images.given(in: all), initialization: all.option("--init", training.initialization),
            modWidth: all.option("--mod-width", training.modWidth),
            deepen: all.option("--deepen", recipe.deepen), bn: all.option("--bn", recipe.bn),
            target: target.given(in: all), seed: seeding.seed, inputShapes: shapes.inputShape,
            batch: batch.batch)
    }

    /// The stages up to the converted graph.
    private func converted(
        _ source: ConversionSource, _ request: ConversionRequest, _ console: Console
    ) throws -> ConvertedNetwork {
        let planned = try console.step("converting \(model)") {
            try CanonicalNetwork(source, request).planned()
        }
        let settings = CalibrationSettings(threads: threads.count, limits: limits.running)
        let fitted = try console.progress("calibrating") { report in
            try planned.fitted(settings) { report($0.step, $0.share) }
        }
        return try console.step("converting \(model)") { try fitted.converted() }
    }

    /// The converted network in integers, if the user asks for them.
    private func quantized(
        _ network: ConvertedNetwork, _ request: ConversionRequest, _ console: Console
    ) throws -> ConvertedNetwork {
        guard int8.isAsked, case .calibrated(let recipe, _) = request.recipe else { return network }
        let quantization = int8.integers.request(
            recipe.images, target: request.recipe.target, maxDrop: nil, seed: request.seed)
        let settings = CalibrationSettings(threads: threads.count, limits: limits.running)
        return try console.progress("quantising") { report in
            try network.quantized(quantization, settings) { report($0.step, $0.share) }
        }
    }

    /// Refuses an output whose problem would show only after the work, or that would destroy the source.
    private func checkPlaces(_ destination: String) throws {
        try results.json?.check(against: [model, destination])
        try ModelOutputOptions.checkSeparate(destination, from: model, results.json)
        try page.check(against: [model, destination] + results.json.paths)
        if !output.dryRun { try writing.check(destination) }
    }

    /// Verifies, prints the results, and throws if a check failed.
    private func verified(
        _ network: ConvertedNetwork, _ console: Console
    ) throws -> any WritableConversion {
        let options = VerificationOptions(
            samples: sampling.samples, seed: seeding.seed, threads: threads.count, limits: limits.running)
        func show(_ verification: Verification) throws {
            let report = VerificationReport(verification)
            try console.show(report.text(detailed: results.verbose, console.style) + "\n")
        }
        do {
            let finished = try about(model) {
                try console.step("verifying") { try network.verified(options) }
            }
            try show(finished.verification)
            return finished
        } catch let error as FailedVerification {
            try show(error.verification)
            throw CheckFailure(error.diagnostic, file: model)
        }
    }
}
