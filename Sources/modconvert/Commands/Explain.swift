import ArgumentParser
import Conversion
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Passes
import Report

/// `modconvert explain`: how a converted or quantised file was made, and how to make it again.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say how a converted or quantised file was made, and the command that makes it again.",
        discussion: """
            What is said comes from the file's manifest alone. With --source, the file that is named must be \
            the one that it was made from, or the exit code is 1.
            """)

    @Argument(help: "The converted or quantised ONNX file.", completion: .model)
    var model: String

    @Option(
        help: ArgumentHelp("The file that it was made from, to be checked and named.", valueName: "file"),
        completion: .model)
    var source: String?

    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [model, source].compactMap { $0 })
        let file = try ONNXFile.read(path: model, limits: limits.reading)
        let (manifest, quantization) = (Manifest(file), QuantizationRecord(file))
        guard manifest?.request != nil || quantization != nil else {
            return try explainStructure(of: file, console)
        }
        // A converted file that was quantised later has the converted file as its source.
        let sha256 = quantization?.sourceSHA256 ?? manifest?.sourceSHA256
        let hash = try source.map { Fingerprint.sha256(try MappedFile(path: $0).bytes) }
        let matches = hash.map { $0 == sha256 }
        let hasDataFile = !file.weightFiles.subtracting([model]).isEmpty
        let words = sha256.flatMap { _ in Explain.words(manifest, quantization) }.map { command, options in
            ["modconvert", command, matches == true ? source ?? "" : "SOURCE"] + options
                + (hasDataFile ? ["--external-data"] : [])
                + ["-o", Explain.copyName(model, hasDataFile: hasDataFile)]
        }
        let report = ExplanationReport(
            manifest, quantization, model: file, file: model, command: words, sourceMatches: matches)
        try console.show(report.text)
        try console.write(json: report)
        if let source, matches == false {
            throw CheckFailure(file: source, "is not the file that \(model) was made from (by SHA-256)")
        }
    }

    /// The command that made a file, and its options.
    private static func words(
        _ manifest: Manifest?, _ quantization: QuantizationRecord?
    ) -> (command: String, options: [String])? {
        if let quantization, quantization.sourceSHA256 != nil {
            return ("quantize", quantization.request.commandWords)
        }
        return manifest?.request.map {
            ("convert", $0.commandWords + (quantization?.request.conversionWords ?? []))
        }
    }

    /// Describes a file without a manifest.
    private func explainStructure(of file: Model, _ console: Console) throws {
        let manifest = try about(model) {
            Manifest.recognised(in: try Pipeline.canonical().run(file.graph))
        }
        guard let manifest, source == nil else {
            throw UsageError(
                model, "has no manifest that says how it was converted",
                remedy: "look at it with `modconvert inspect`")
        }
        let report = RecognitionReport(manifest, file: file)
        try console.show(report.text)
        try console.write(json: report)
    }

    /// `mod.onnx` gives `mod.again.onnx`, so that the command does not replace the file that it is compared
    /// with. A file with its weights beside it contains their file's name, so its copy goes to another
    /// folder.
    private static func copyName(_ model: String, hasDataFile: Bool) -> String {
        guard !hasDataFile else { return "again/\(model.split(separator: "/").last ?? "")" }
        return model.addingBeforeExtension(".again")
    }
}
