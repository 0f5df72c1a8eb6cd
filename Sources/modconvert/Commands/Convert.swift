import ArgumentParser
import Calibration
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Report
import Verification

/// `modconvert convert`: the source's blocks become MoD blocks.
struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Convert a ResNet into a Mixture-of-Depths network.",
        discussion: """
            Prints every residual block with its verdict, verifies the result, and writes it only if no \
            check failed. A trained network is calibrated: its blocks compute fewer hidden units, and their \
            weights, and those of the blocks that follow, are fitted to what the source computes on images, \
            generated ones if none are given; it goes on predicting without training. An untrained network \
            gets the paper's blocks, as --recipe paper makes them: weights cut out of the source's, selectors \
            drawn at random, to be trained.
            """)

    @Argument(help: "The ONNX file to convert.", completion: .model)
    var model: String

    @OptionGroup var ratio: RatioOptions

    @Option(
        help: ArgumentHelp(
            "alternate (blocks 1, 3, 5, ... of each stage), all, or a list of blocks: scopes such as layer3.1, or stage.block, both from 0 (default: alternate; all where a budget chooses).",
            valueName: "blocks"))
    var blocks: BlockSelection?

    @OptionGroup(title: "Budget") var budget: BudgetArguments

    @Option(help: ArgumentHelp("Round the processed channels down to a multiple.", valueName: "unit"))
    var roundTo: RoundingUnit?

    @Option(
        help:
            "How blocks and weights are made: paper (the block as published, to be trained) or calibrated (default: calibrated for trained networks, paper for others)."
    )
    var recipe: Recipe?

    @Option(
        help:
            "Who chooses: topk (each sample), fixed (nobody: a fixed subset), or auto (for each block the one that errs less; the default of calibrated)."
    )
    var router: CalibratedForm.Choice?

    @Option(
        help:
            "Spelling of the MoD blocks: literal, as the paper defines them; fast, as onnxruntime runs them fastest; train, as onnx2torch reads them (default: literal, or train with --bn separate). All compute the same."
    )
    var emit: Emission?

    @Option(
        help: "BatchNormalization: keep what the source has, folded into convolutions, or separate nodes.")
    var bn = BatchNormalizationPolicy.keep

    @Option(help: "Seed of the selectors' weights and of the verification's inputs.")
    var seed: UInt64 = 0

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The ONNX file to write (default: <name>.mod-<ratio>.onnx beside the source).", valueName: "file"),
        completion: .model)
    var output: String?

    @OptionGroup var writing: ModelOutputOptions
    @OptionGroup var shapes: InputShapeOptions

    @Flag(inversion: .prefixedNo, help: "Verify the result before it is written.")
    var verify = true

    @OptionGroup(title: "Training") var training: TrainingArguments

    @Option(
        help: ArgumentHelp(
            "Blocks that each stage is to have, as 3,4,14,3: those that are missing are appended, and pass their input until they are trained. --blocks appended, the default then, makes MoD blocks of the new ones at odd places.",
            valueName: "list"))
    var deepen: NumberList?

    @OptionGroup(title: "Calibration") var calibration: CalibrationArguments
    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var page: ReportOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        guard ratio.isGiven != (budget.budget != nil) else {
            throw ratio.isGiven
                ? ValidationError("a budget chooses the ratios: leave --mod-ratio and --mod-reduction out")
                : ValidationError("add --mod-ratio R, such as 0.5, or --mod-reduction C, such as 2")
        }
        if recipe == .paper, budget.budget != nil {
            throw ValidationError("budgets go with --recipe calibrated")
        }
        if recipe == .paper {
            if router == .auto { throw ValidationError("--router auto goes with --recipe calibrated") }
            guard calibration.isDefault else {
                throw ValidationError("--recipe paper is not calibrated; leave the calibration's options out")
            }
        }
        if recipe == .calibrated, bn == .separate {
            throw ValidationError("--bn separate goes with --recipe paper: it is for training")
        }
        if recipe == .calibrated, training.isGiven {
            throw ValidationError("--init and --mod-width go with --recipe paper: they are for training")
        }
        if deepen != nil, recipe == .calibrated || !calibration.isDefault || router == .auto {
            throw ValidationError("--deepen goes with --recipe paper: the new blocks are to be trained")
        }
        if deepen != nil, budget.budget != nil {
            throw ValidationError("--deepen and budgets exclude each other")
        }
        if deepen != nil, training.initialization == .he {
            throw ValidationError("--deepen starts its blocks as the identity: leave --init he out")
        }
        if deepen != nil, let blocks, blocks != .appended {
            throw ValidationError(
                "--deepen goes with --blocks appended: converted blocks may give negative values, which an appended block would not pass"
            )
        }
        if deepen == nil, blocks == .appended {
            throw ValidationError("--blocks appended goes with --deepen")
        }
        if training.modWidth != nil, calibration.route != .hidden {
            throw ValidationError("--mod-width goes with --route hidden")
        }
    }

    func run() throws {
        let console = Console(results)
        let goal = try budget.budget.map(ConversionTarget.budget) ?? .ratio(ratio.ratio)
        let target = output ?? Convert.defaultOutput(model, goal.text)
        try checkPlaces(target)
        let source = try console.step("reading \(model)") {
            try ConversionSource(path: model, shapes, limits: limits.reading, threads: threads.count)
        }
        let recipe = try about(model) { try self.recipe(for: source.model.graph) }
        var options = ConversionOptions(
            target: goal,
            blocks: blocks ?? (deepen != nil ? .appended : budget.budget == nil ? .alternate : .all),
            router: router == .fixed ? .fixed : .topk,
            weights: training.initialization ?? .slice,
            roundTo: roundTo?.rawValue, seed: seed, emission: emit ?? .usual(forTraining: bn == .separate))
        options.route = calibration.route ?? .channels
        options.hiddenMultiple = training.modWidth ?? 1
        let work = try about(model) {
            guard recipe == .calibrated else {
                return try console.step("converting \(model)") {
                    try ConversionWork(source, options, bn, deepenedTo: deepen?.values)
                }
            }
            options.form = calibration.form(router)
            return try ConversionWork(
                source, options, .folded,
                CalibrationWork(
                    arguments: calibration, images: images, seed: seed, threads: threads.count,
                    limits: limits.running, console: console), budget: budget.budget.map { _ in budget })
        }
        if !work.changedPasses.isEmpty {
            try console.detail("canonicalised by \(work.changedPasses.joined(separator: ", "))\n\n")
        }
        try console.show(work.ledger.text(console.style) + "\n")
        let verification = try verify ? self.verified(work, source, console) : nil
        try console.step("writing \(target)") {
            try writing.write(work.conversion.model, to: target, madeFrom: source.model)
        }
        let report = ConversionReport(
            source: model, sourceSHA256: source.sha256, output: target, options: options,
            ledger: work.ledger, before: work.before, after: work.after, verification: verification,
            notes: work.notes)
        try console.show(report.text)
        try console.write(json: report)
        try page.write(ConversionPage(report, costs: work.costs, command: CommandWords.current).html)
    }

    /// The recipe that is asked for, or the one that suits the network.
    private func recipe(for graph: Graph) throws -> Recipe {
        if let recipe { return recipe }
        let asksForCalibration = !calibration.isDefault || router == .auto || budget.budget != nil
        if asksForCalibration { return .calibrated }
        if training.isGiven || deepen != nil { return .paper }
        if calibration.route != nil { return bn == .separate ? .paper : .calibrated }
        return bn != .separate && TrainedWeights.areTrained(graph) && Calibrator.canFollow(graph)
            ? .calibrated : .paper
    }

    /// Refuses what would be noticed only after the work, or would destroy the source.
    private func checkPlaces(_ target: String) throws {
        try results.json?.check(against: [model, target])
        guard target != model else {
            throw UsageError("--output \(target)", "names the source", remedy: "name another file")
        }
        try page.check(against: [model, target] + results.json.paths)
        try writing.check(target)
    }

    /// Verifies, prints what was found, and throws if a check failed.
    private func verified(
        _ work: ConversionWork, _ source: ConversionSource, _ console: Console
    ) throws -> VerificationReport {
        let options = VerificationOptions(
            samples: sampling.samples, seed: seed, threads: threads.count, limits: limits.running)
        let verification = try about(model) {
            try console.step("verifying") {
                try Verifier.verify(
                    source: source.model, converted: work.conversion.model, options: options)
            }
        }
        let report = VerificationReport(verification)
        try console.show(report.text(detailed: results.verbose, console.style) + "\n")
        try verification.requirePassed(file: model)
        return report
    }

    /// `resnet50.onnx` at 1/64 gives `resnet50.mod-1-64.onnx` in the same folder.
    static func defaultOutput(_ model: String, _ ratio: String) -> String {
        let suffix = ".onnx"
        let stem = model.hasSuffix(suffix) ? String(model.dropLast(suffix.count)) : model
        let text = String(ratio.map { $0 == "/" ? "-" : $0 })
        return "\(stem).mod-\(text)\(suffix)"
    }
}
