import ArgumentParser
import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Operators
import Passes
import Report
import Verification

/// `modconvert verify`: proves that a converted model is what its manifest says.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify a converted model against its source.",
        discussion: """
            Six checks: the graph is valid and its shapes static; inputs and outputs are the source's; what \
            lies before the first MoD block computes the same; each MoD block computes its definition, \
            routing first; a batch equals its samples one by one; how far the outputs drift. For a network in \
            integers one more: every integer is that of its definition. The exit code is 1 if one fails. Drift \
            is only a check with --min-agreement.
            """)

    @Argument(help: "The file that was converted.", completion: .model)
    var source: String

    @Argument(help: "The file that came out.", completion: .model)
    var converted: String

    @Option(
        help: ArgumentHelp(
            "A tensor or image for the next input, or for the one that is named, instead of seeded ones; may be repeated.",
            valueName: "[name=]file"), completion: .tensorOrImage)
    var input: [String] = []

    @OptionGroup(title: "Images") var images: ImageOptions

    @OptionGroup var sampling: SamplingOptions

    @Option(help: "Seed of the inputs.")
    var seed: UInt64 = 0

    @Option(
        help: ArgumentHelp(
            "Fail if the argmax agrees in less than this share of the samples.", valueName: "share"))
    var minAgreement: Double?

    @OptionGroup var threads: ThreadOptions
    @OptionGroup var page: ReportOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if let minAgreement, !(0...1).contains(minAgreement) {
            throw ValidationError("--min-agreement takes a share from 0 to 1")
        }
    }

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [source, converted])
        try page.check(against: [source, converted] + output.json.paths)
        let before = try ONNXFile.read(path: source, limits: limits.reading)
        let after = try ONNXFile.read(path: converted, limits: limits.reading)
        let inputs =
            input.isEmpty
            ? nil : [try TensorInputs.read(input, for: after.graph, preprocess: images.preprocessing).tensors]
        let options = VerificationOptions(
            samples: sampling.samples, seed: seed, threads: threads.count, inputs: inputs,
            minimumAgreement: minAgreement, limits: limits.running)
        let verification = try about(converted) {
            try console.step("verifying \(converted)") {
                try Verifier.verify(source: before, converted: after, options: options)
            }
        }
        let report = VerificationReport(verification)
        try console.show(report.text(detailed: output.verbose, console.style))
        try console.write(json: report)
        try page.write(document(report, before, after))
        try verification.requirePassed(file: converted)
    }

    private func document(_ report: VerificationReport, _ before: Model, _ after: Model) throws -> String {
        let graphs = (
            try about(source) { try Pipeline.canonical().run(before.graph) },
            try about(converted) { try Pipeline.canonical().run(after.graph) }
        )
        let facts = after.metadata.filter { $0.key.hasPrefix(Manifest.prefix) }
            .map { (name: String($0.key.dropFirst(Manifest.prefix.count)), value: $0.value) }
        return ConversionPage(
            report, source: source, converted: converted, manifest: facts.filter { $0.name != "blocks" },
            before: ConversionReport.Totals(MACCount(graphs.0), graphs.0),
            after: ConversionReport.Totals(MACCount(graphs.1), graphs.1),
            convention: MACCount.Convention.strict.text,
            costs: BlockCosts(
                source: graphs.0, converted: graphs.1, manifest: .of(after, canonical: graphs.1)),
            command: CommandWords.current
        ).html
    }
}

extension Verification {
    /// - Throws: `CheckFailure` with the first check that failed.
    func requirePassed(file: String) throws {
        if let failure { throw CheckFailure(failure.diagnostic(file: file), file: file) }
    }
}
