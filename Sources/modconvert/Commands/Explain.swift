import ArgumentParser
import GraphIR
import MixtureOfDepths
import ONNXFormat
import Passes
import Report

/// `modconvert explain`: how a converted file was made, and how to make it again.
struct Explain: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say how a converted file was made, and the command that makes it again.",
        discussion: """
            What is said comes from the file's manifest alone. With --source, the file that is named must be \
            the one that was converted, or the exit code is 1.
            """)

    @Argument(help: "The converted ONNX file.", completion: .model)
    var model: String

    @Option(
        help: ArgumentHelp("The file that was converted, to be checked and named.", valueName: "file"),
        completion: .model)
    var source: String?

    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = Console(output)
        try output.json?.check(against: [model, source].compactMap { $0 })
        let file = try ONNXFile.read(path: model, limits: limits.reading)
        guard let manifest = Manifest(file) else { return try explainStructure(of: file, console) }
        let hash = try source.map { Fingerprint.sha256(try MappedFile(path: $0).bytes) }
        let matches = hash.map { $0 == manifest.sourceSHA256 }
        let hasDataFile = !file.weightFiles.subtracting([model]).isEmpty
        let words = manifest.sourceSHA256.map { _ in
            manifest.command(
                source: matches == true ? source ?? "" : "SOURCE", hasDataFile: hasDataFile,
                output: Explain.copyName(model, hasDataFile: hasDataFile))
        }
        let report = ExplanationReport(manifest, file: model, command: words, sourceMatches: matches)
        try console.show(report.text)
        try console.write(json: report)
        if let source, matches == false {
            throw CheckFailure(file: source, "is not the file that \(model) was made from (by SHA-256)")
        }
    }

    /// What can be said of a file without a manifest.
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

    /// `mod.onnx` gives `mod.again.onnx`: the command shall not replace the file that it is compared with. A
    /// file with its weights beside it holds their file's name, so that its copy goes to another folder.
    private static func copyName(_ model: String, hasDataFile: Bool) -> String {
        guard !hasDataFile else { return "again/\(model.split(separator: "/").last ?? "")" }
        let suffix = ".onnx"
        return (model.hasSuffix(suffix) ? String(model.dropLast(suffix.count)) : model) + ".again" + suffix
    }
}

extension Manifest {
    /// Which blocks become MoD blocks where nothing is said of them.
    private var usualPlacement: BlockSelection {
        if deepening != nil { return .appended }
        return calibration?.budget == nil ? .alternate : .all
    }

    /// The words of the command that makes the file again from its source.
    fileprivate func command(source: String, hasDataFile: Bool, output: String) -> [String] {
        var words = OptionWords(["modconvert", "convert", source])
        if let budget = calibration?.budget {
            words.add(budget.option, budget.limit)
        } else {
            words.add("--mod-ratio", ratio)
        }
        words.add("--recipe", (calibration == nil ? Recipe.paper : .calibrated).rawValue)
        for shape in inputShapes { words.add("--input-shape", shape) }
        words.add(
            "--blocks", placement,
            unless: usualPlacement.text)
        words.add("--deepen", deepening)
        words.add("--round-to", roundTo.map(String.init))
        if let calibration {
            words.add("--router", router, unless: CalibratedForm.Choice.auto.rawValue)
            words.add("--weights", weights, unless: CalibratedForm.Weights.refit.rawValue)
            calibration.add(to: &words)
        } else {
            words.add("--router", router, unless: Router.topk.rawValue)
            words.add("--route", route)
            words.add("--mod-width", hiddenMultiple.map(String.init))
            words.add("--init", weights, unless: WeightsPolicy.slice.rawValue)
            words.add("--bn", batchNormalization)
        }
        words.add(
            "--emit", emission, unless: Emission.usual(forTraining: batchNormalization == "separate").rawValue
        )
        words.add("--seed", "\(seed)", unless: "0")
        if hasDataFile { words.words.append("--external-data") }
        words.add("-o", output)
        return words.words
    }
}

extension CalibrationRecord {
    fileprivate func add(to words: inout OptionWords) {
        words.add("--calibrate", data, unless: CalibrationRecord.synthetic)
        words.add("--calibrate-samples", "\(samples)", unless: "\(CalibrationArguments.usualSamples)")
        words.add("--route", route, unless: CalibratedForm.Route.hidden.rawValue)
        words.add("--fusion", fusion, unless: CalibratedForm.Fusion.all.rawValue)
        if drop { words.words.append("--drop") }
        guard let preprocessing else { return }
        func list(_ numbers: [Double]?) -> String? {
            numbers.map { $0.map { "\($0)" }.joined(separator: ",") }
        }
        words.add("--preprocess", preprocessing.preset)
        words.add("--mean", list(preprocessing.mean))
        words.add("--std", list(preprocessing.deviation))
        words.add("--scale", preprocessing.scale.map { "\($0)" })
        words.add("--size", preprocessing.size.map { $0.map(String.init).joined(separator: "x") })
        words.add("--resize", preprocessing.shortSide.map(String.init))
        words.add("--layout", preprocessing.layout)
    }
}

extension Budget {
    fileprivate var option: String {
        switch kind {
        case .macs: "--target-macs"
        case .speedup: "--target-speedup"
        case .drop: "--max-drop"
        }
    }
}

/// A command's words, as they are collected.
private struct OptionWords {
    var words: [String]

    init(_ words: [String]) { self.words = words }

    /// Adds an option with its value, if there is one that is not the usual one.
    ///
    /// A value that starts with a hyphen is joined to its option, which would else be taken for another one.
    mutating func add(_ option: String, _ value: String?, unless usual: String? = nil) {
        guard let value, value != usual else { return }
        words += value.hasPrefix("-") ? ["\(option)=\(value)"] : [option, value]
    }
}
