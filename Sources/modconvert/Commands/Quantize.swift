import ArgumentParser
import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Quantization
import Report
import Verification

/// `modconvert quantize`: turns a float network into one that computes in 8-bit integers.
struct Quantize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Turn a network's layers into 8-bit integers, fitted to what they compute on images.",
        discussion: """
            Writes standard ONNX: pairs of QuantizeLinear and DequantizeLinear (QDQ), which runtimes fuse into \
            integer kernels. Ranges and weights are chosen on images, without labels. `convert --int8` reduces \
            blocks and quantises in one go. docs/int8.md says what is done how, and what it costs.
            """)

    @Argument(help: "The ONNX file to quantise, in fp32; converted or not.", completion: .model)
    var model: String

    @Argument(
        help: ArgumentHelp("The ONNX file to write, as with -o.", valueName: "output"), completion: .model)
    var destination: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The ONNX file to write (default: <name>.int8.onnx beside the source).", valueName: "file"),
        completion: .model)
    var output: String?

    @OptionGroup var data: CalibrationDataArguments

    @OptionGroup(title: "Integers") var integers: IntegerArguments

    @Option(
        help: ArgumentHelp(
            "Toolchain that the file is for: tensorrt takes symmetric int8 activations, all others uint8.",
            valueName: "toolchain"))
    var target: Target?

    @Option(
        help: ArgumentHelp(
            "Leave layers in float until at most this share of predictions changes, as 0.5%, on images that no fit saw.",
            valueName: "share"),
        transform: BudgetArguments.drop)
    var maxDrop: Budget?

    @Flag(inversion: .prefixedNo, help: "Verify the result before it is written.")
    var verify = true

    @OptionGroup(title: "Images") var images: ImageOptions
    @OptionGroup var shapes: InputShapeOptions
    @OptionGroup var seeding: SeedOptions
    @OptionGroup var writing: ModelOutputOptions
    @OptionGroup var threads: ThreadOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var results: OutputOptions

    func validate() throws {
        if destination != nil, output != nil {
            throw ValidationError("the output is named twice, as an argument and by --output")
        }
    }

    private var place: String {
        destination ?? output
            ?? (model == StandardStream.name ? model : model.addingBeforeExtension(".int8"))
    }

    func run() throws {
        let console = Console(results, textToError: place == StandardStream.name)
        try results.json?.check(against: [model, place])
        try ModelOutputOptions.checkSeparate(place, from: model, results.json)
        try writing.check(place)
        let (file, bytes) = try console.step("reading \(model)") {
            try ONNXFile.readWithBytes(path: StandardStream.input(model), limits: limits.reading)
        }
        let graph = try about(model) { try shapes.apply(to: file).graph }
        var request = integers.request(
            data.record(images, for: graph), target: target ?? .standard, maxDrop: maxDrop?.value,
            seed: seeding.seed)
        request.inputShapes = shapes.inputShape
        let settings = CalibrationSettings(threads: threads.count, limits: limits.running)
        let quantized = try about(model) {
            try console.progress("quantising") { report in
                try QuantizedModel(file, request, settings, sourceSHA256: Fingerprint.sha256(bytes)) {
                    report($0.step, $0.share)
                }
            }
        }
        let verification = try verify ? verified(quantized, console) : nil
        try console.step("writing \(place)") {
            try writing.write(quantized.model, to: place, madeFrom: file)
        }
        let report = QuantizationReport(quantized, source: model, output: place, verification)
        try console.show(report.text)
        try console.write(json: report)
    }

    /// Verifies the result against the source, prints the outcome, and throws if a check failed.
    private func verified(
        _ quantized: QuantizedModel, _ console: Console
    ) throws -> Verification {
        let options = VerificationOptions(seed: seeding.seed, threads: threads.count, limits: limits.running)
        let verification = try about(model) {
            try console.step("verifying") {
                try Verifier.verify(source: quantized.source, converted: quantized.model, options: options)
            }
        }
        try console.show(
            VerificationReport(verification).text(detailed: results.verbose, console.style) + "\n")
        if let failure = verification.failure {
            throw CheckFailure(failure.diagnostic(file: nil), file: model)
        }
        return verification
    }
}
