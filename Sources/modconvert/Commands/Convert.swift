import ArgumentParser
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
            check failed. The weights of converted blocks are cut out of the source's and their selectors \
            are drawn at random: the network needs training before its predictions mean anything.
            """)

    @Argument(help: "The ONNX file to convert.", completion: .model)
    var model: String

    @OptionGroup var ratio: RatioOptions

    @Option(
        help: ArgumentHelp(
            "alternate (blocks 1, 3, 5, ... of each stage), all, or a list of blocks: scopes such as layer3.1, or stage.block, both from 0.",
            valueName: "blocks"))
    var blocks = BlockSelection.alternate

    @Option(help: ArgumentHelp("Round the processed channels down to a multiple.", valueName: "unit"))
    var roundTo: RoundingUnit?

    @Option(help: "How blocks and weights are made: paper is the block as published.")
    var recipe = Recipe.paper

    @Option(help: "Who chooses the channels: topk, the paper's selector; fixed, always the first.")
    var router = Router.topk

    @Option(
        help:
            "Spelling of the MoD blocks: literal, as the paper defines them; fast, as onnxruntime runs them fastest. Both compute the same."
    )
    var emit = Emission.standard

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

    @OptionGroup var sampling: SamplingOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup var page: ReportOptions
    @OptionGroup var results: OutputOptions

    func run() throws {
        let console = Console(results)
        let options = ConversionOptions(
            ratio: try ratio.ratio, blocks: blocks, router: router, roundTo: roundTo?.rawValue, seed: seed,
            emission: emit)
        let target = output ?? Convert.defaultOutput(model, options.ratio)
        try checkPlaces(target)
        let source = try console.step("reading \(model)") { try ConversionSource(path: model, shapes) }
        let work = try about(model) {
            try console.step("converting \(model)") { try ConversionWork(source, options, bn) }
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
        let options = VerificationOptions(samples: sampling.samples, seed: seed, threads: threads.count)
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
    static func defaultOutput(_ model: String, _ ratio: ModRatio) -> String {
        let suffix = ".onnx"
        let stem = model.hasSuffix(suffix) ? String(model.dropLast(suffix.count)) : model
        let text = String(ratio.description.map { $0 == "/" ? "-" : $0 })
        return "\(stem).mod-\(text)\(suffix)"
    }
}
